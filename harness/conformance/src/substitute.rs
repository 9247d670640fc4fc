//! A protocol case asked of a page that a server has, instead of the contract's endpoints.
//!
//! Nobody's server is asked to change anything: a POST becomes a GET with the same content, and its
//! content must be read, or refused, or left unread with the connection ended, but never be taken
//! for the next request. What cannot be asked so does not apply, with the reason.

mod requests;

use httpdyno_spec::case::{
    Action, Case, ExpectedResponse, Outcome, Repeated, StatusPattern, Then, unescape,
};
use httpdyno_spec::exchange::{BodyRule, Method};
use httpdyno_wire::escape;

use crate::page::Page;
use requests::{Request, requests};

/// Content of more than this is too much for a server that expects none.
const MOST_SENT: usize = 16 * 1024;
/// A case may make a server send so much.
const MOST_RECEIVED: usize = 32 << 20;
/// Fields that belong to the contract's answers, and not to any 200.
const OF_THE_CONTRACT: [&str; 6] =
    ["content-type", "content-length", "content-encoding", "allow", "etag", "vary"];

/// The case for that page; the error says why it cannot be asked there.
pub(crate) fn on_page(case: &Case, authority: &str, page: &Page) -> Result<Case, &'static str> {
    let mut actions = Actions::of(case, authority)?;
    let found = requests(&actions.whole());
    askable(case, &found, page)?;
    let content = found.iter().position(|request| request.has_content);
    if content.is_some() && actions.whole().len() > MOST_SENT {
        return Err("its content is too long for a page");
    }
    let expected = |outcome: &Outcome| -> usize {
        outcome.responses.iter().map(|response| response.times as usize).sum()
    };
    let most = case.accept.iter().map(expected).max().unwrap_or(0);
    if most * page.content().map_or(0, <[u8]>::len) > MOST_RECEIVED {
        return Err("the page is too long to be asked for so often");
    }
    let mut accept: Vec<Outcome> = Vec::new();
    for outcome in &case.accept {
        accept.push(of_page(outcome, &found, page)?);
    }
    if let Some(at) = content {
        accept.extend(content_unwanted(at, found[at].is_broken, page));
    }
    actions.ask(&found, page)?;
    let mut new = without_post(case);
    if let Some(control) = &mut new.control {
        let of_control = Case { send: control.send.clone(), ..case.clone() };
        let mut actions = Actions::of(&of_control, authority)?;
        actions.ask(&requests(&actions.whole()), page)?;
        control.send = actions.into_send(&of_control);
    }
    Ok(Case { send: actions.into_send(case), accept, uses: Vec::new(), ..new })
}

fn without_post(case: &Case) -> Case {
    let mut case = case.clone();
    case.methods.iter_mut().filter(|method| **method == Method::Post).for_each(|method| {
        *method = Method::Get;
    });
    case
}

fn askable(case: &Case, found: &[Request], page: &Page) -> Result<(), &'static str> {
    for request in found {
        match request.method.as_slice() {
            b"PUT" | b"DELETE" | b"PATCH" | b"OPTIONS" | b"TRACE" => {
                return Err("its method is another matter at every page");
            }
            b"POST" if request.ours.is_none() => {
                return Err("it sends content to a path that the page stands for nothing of");
            }
            _ => {}
        }
        if request.expects && request.has_content {
            return Err("a page takes no content that would be waited for");
        }
        if request.elsewhere && !page.misses() {
            return Err("the server does not answer 404 where it has nothing");
        }
        if !case.uses.is_empty() && request.ours.is_none() && !request.elsewhere {
            return Err("it needs an endpoint of the contract");
        }
    }
    match found.is_empty() && !case.uses.is_empty() {
        true => Err("it needs an endpoint of the contract"),
        false => Ok(()),
    }
}

/// The outcome with the page's answer where the contract's stood.
fn of_page(outcome: &Outcome, found: &[Request], page: &Page) -> Result<Outcome, &'static str> {
    let mut outcome = outcome.clone();
    let mut at = 0;
    for response in &mut outcome.responses {
        let request = found.get(at).or(found.last());
        at += response.times as usize;
        let only = |code| response.status == [StatusPattern::Code(code)];
        if only(404) && !request.is_some_and(|request| request.elsewhere) {
            return Err("no path of the page is one that is not there");
        }
        if only(405) || only(413) || only(411) || only(304) {
            return Err("it depends on what the contract's endpoint takes");
        }
        if response.status.contains(&StatusPattern::Code(200)) {
            for name in OF_THE_CONTRACT {
                response.headers.remove(name);
            }
            // Where other statuses are allowed as well, any content is, unless the case has a rule.
            if request.is_some_and(|request| request.method == b"HEAD") {
                response.body = BodyRule::Empty;
            } else if response.body != BodyRule::Empty
                && (only(200) || response.body != BodyRule::Any)
            {
                response.body = content_rule(page);
            }
        }
    }
    Ok(outcome)
}

fn content_rule(page: &Page) -> BodyRule {
    match page.content().map(|content| std::str::from_utf8(content)) {
        Some(Ok(text)) => BodyRule::Text(text.to_owned()),
        _ => BodyRule::Any,
    }
}

/// What else is right where request number `at` has content that its page has no use for (RFC 9110
/// section 9.3.1): the answer with the connection ended, or a refusal; and where the content is
/// `broken`, an answer that was there before the server saw that, and the refusal behind it.
fn content_unwanted(at: usize, broken: bool, page: &Page) -> Vec<Outcome> {
    let answer = |status: StatusPattern, body: BodyRule, times: usize| ExpectedResponse {
        status: vec![status],
        headers: Default::default(),
        body,
        except: Vec::new(),
        framed: None,
        line: None,
        times: u32::try_from(times).unwrap_or(u32::MAX),
    };
    let right = |times| answer(StatusPattern::Code(200), content_rule(page), times);
    let outcome = |responses| Outcome { responses, interim: None, then: Then::Ended };
    let before = (at > 0).then(|| right(at));
    let refused = |pattern| answer(pattern, BodyRule::Any, 1);
    let refusal = before.into_iter().chain([refused(StatusPattern::Class(4))]);
    let seen_later = vec![right(at + 1), refused(StatusPattern::Code(400))];
    let mut outcomes = vec![outcome(vec![right(at + 1)]), outcome(refusal.collect())];
    outcomes.extend(broken.then(|| outcome(seen_later)));
    outcomes
}

/// The actions of a case with their bytes made out.
struct Actions {
    parts: Vec<Option<(Vec<u8>, usize)>>,
}

impl Actions {
    fn of(case: &Case, authority: &str) -> Result<Self, &'static str> {
        let bytes = |text: &str| unescape(text, authority).map_err(|_| "its bytes are not right");
        let part = |action: &Action| {
            Ok(match action {
                Action::Bytes(text) => Some((bytes(text)?, 1)),
                Action::Drip(drip) => Some((bytes(&drip.bytes)?, 1)),
                Action::Repeat(repeated) | Action::Sequential(repeated) => {
                    Some((bytes(&repeated.bytes)?, repeated.times as usize))
                }
                _ => None,
            })
        };
        Ok(Self { parts: case.send.iter().map(part).collect::<Result<_, &'static str>>()? })
    }

    /// All that is sent.
    fn whole(&self) -> Vec<u8> {
        self.parts.iter().flatten().flat_map(|(bytes, times)| bytes.repeat(*times)).collect()
    }

    /// Puts the page in the place of what the requests ask for, with GET.
    fn ask(&mut self, found: &[Request], page: &Page) -> Result<(), &'static str> {
        for request in found.iter().rev() {
            let Some(target) = &request.ours else { continue };
            self.replace(target.clone(), page.path().as_bytes())?;
            if request.method == b"POST" {
                let start = request.start;
                self.replace(start..start + 4, b"GET")?;
            }
        }
        Ok(())
    }

    /// Puts `by` in place of that range of all that is sent; of what is repeated, once for all.
    fn replace(&mut self, range: std::ops::Range<usize>, by: &[u8]) -> Result<(), &'static str> {
        let mut begin = 0;
        for (bytes, times) in self.parts.iter_mut().flatten() {
            let end = begin + bytes.len() * *times;
            if range.start >= end {
                begin = end;
                continue;
            }
            let first = begin..begin + bytes.len();
            if range.start >= first.end {
                // A later copy; the first one is replaced too.
                return Ok(());
            }
            if range.end > first.end {
                return Err("its bytes are cut up where the path stands");
            }
            bytes.splice(range.start - begin..range.end - begin, by.iter().copied());
            return Ok(());
        }
        Err("its bytes are cut up where the path stands")
    }

    fn into_send(self, case: &Case) -> Vec<Action> {
        let of = |(action, part): (&Action, Option<(Vec<u8>, usize)>)| {
            let Some((bytes, times)) = part else { return action.clone() };
            let bytes = escape(&bytes);
            let times = u32::try_from(times).unwrap_or(u32::MAX);
            match action {
                Action::Repeat(_) => Action::Repeat(Repeated { bytes, times }),
                Action::Sequential(_) => Action::Sequential(Repeated { bytes, times }),
                Action::Drip(drip) => {
                    let mut drip = drip.clone();
                    drip.bytes = bytes;
                    Action::Drip(drip)
                }
                _ => Action::Bytes(bytes),
            }
        };
        case.send.iter().zip(self.parts).map(of).collect()
    }
}

#[cfg(test)]
mod tests;
