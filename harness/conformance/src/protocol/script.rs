//! A case's actions with their bytes made out: escapes resolved, the authority filled in, and cut
//! up as the delivery asks.

use std::time::Duration;

use httpdyno_spec::case::{Action, Case, unescape};

/// One thing to do on the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// One write.
    Write(Vec<u8>),
    /// The same request so many times, each when the one before has been answered.
    Sequential(Vec<u8>, u32),
    /// One write (and segment) per byte, this far apart.
    Drip(Vec<u8>, Duration),
    /// Waits, reading.
    Pause(Duration),
    /// Waits until that many final responses have come in all.
    AwaitResponses(usize),
    /// Waits for an interim response, at most so long.
    AwaitInterim(Duration),
    /// Ends the sending half.
    HalfClose,
    /// Reads nothing for so long; what follows goes on at once.
    StopReading(Duration),
}

/// The time between the two parts of a request that is cut in two: long enough for a server to
/// read the first part alone, short enough for hundreds of cuts.
const CUT_PAUSE: Duration = Duration::from_millis(100);

/// The steps of a case for a server with that authority.
pub(crate) fn steps(case: &Case, authority: &str) -> Result<Vec<Step>, String> {
    let bytes =
        |text: &str| unescape(text, authority).map_err(|e| format!("bad bytes in the case: {e}"));
    case.send
        .iter()
        .map(|action| {
            Ok(match action {
                Action::Bytes(text) => Step::Write(bytes(text)?),
                Action::Repeat(repeated) => {
                    Step::Write(bytes(&repeated.bytes)?.repeat(repeated.times as usize))
                }
                Action::Sequential(repeated) => {
                    Step::Sequential(bytes(&repeated.bytes)?, repeated.times)
                }
                Action::Drip(dripped) => Step::Drip(bytes(&dripped.bytes)?, dripped.every.0),
                Action::Pause(span) => Step::Pause(span.0),
                Action::AwaitResponses(count) => Step::AwaitResponses(*count as usize),
                Action::AwaitInterim(span) => Step::AwaitInterim(span.0),
                Action::HalfClose => Step::HalfClose,
                Action::StopReading(span) => Step::StopReading(span.0),
            })
        })
        .collect()
}

/// The same steps with every byte a write of its own.
pub(crate) fn byte_by_byte(steps: Vec<Step>) -> Vec<Step> {
    steps
        .into_iter()
        .map(|step| match step {
            Step::Write(bytes) => Step::Drip(bytes, Duration::ZERO),
            other => other,
        })
        .collect()
}

/// The number of places between two bytes of the same case.
pub(crate) fn cuts(steps: &[Step]) -> usize {
    written(steps).saturating_sub(1)
}

fn written(steps: &[Step]) -> usize {
    steps.iter().map(|step| if let Step::Write(bytes) = step { bytes.len() } else { 0 }).sum()
}

/// The same steps with the bytes cut in two segments after the first `position` bytes.
pub(crate) fn cut_at(steps: &[Step], position: usize) -> Vec<Step> {
    let mut before = position;
    let mut result = Vec::with_capacity(steps.len() + 2);
    for step in steps {
        match step {
            Step::Write(bytes) if before > 0 && before < bytes.len() => {
                let (first, second) = bytes.split_at(before);
                result.push(Step::Write(first.to_vec()));
                result.push(Step::Pause(CUT_PAUSE));
                result.push(Step::Write(second.to_vec()));
                before = 0;
            }
            Step::Write(bytes) => {
                before = before.saturating_sub(bytes.len());
                result.push(step.clone());
            }
            other => result.push(other.clone()),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(text: &str) -> Step {
        Step::Write(text.as_bytes().to_vec())
    }

    #[test]
    fn a_cut_falls_into_the_write_that_holds_the_position() {
        let steps = [write("abc"), Step::HalfClose, write("de")];
        assert_eq!(cuts(&steps), 4);
        let pause = Step::Pause(CUT_PAUSE);
        assert_eq!(
            cut_at(&steps, 1),
            [write("a"), pause.clone(), write("bc"), Step::HalfClose, write("de")]
        );
        assert_eq!(cut_at(&steps, 3), steps);
        assert_eq!(
            cut_at(&steps, 4),
            [write("abc"), Step::HalfClose, write("d"), pause, write("e")]
        );
    }

    #[test]
    fn byte_by_byte_drips_every_write() {
        let dripped = byte_by_byte(vec![write("ab"), Step::HalfClose]);
        assert_eq!(dripped, [Step::Drip(b"ab".to_vec(), Duration::ZERO), Step::HalfClose]);
    }
}
