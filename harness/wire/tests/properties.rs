//! Random responses: any segmentation gives the same answer, and httparse agrees.

mod common;

use common::collect_in_steps;
use httpdyno_wire::{Collecting, Limits, RequestKind, ResponseCollector, Template};
use proptest::collection::vec;
use proptest::prelude::*;

type Fields = Vec<(String, String)>;

/// A well-formed response: its bytes, status, own fields and body.
fn response() -> impl Strategy<Value = (Vec<u8>, u16, Fields, Vec<u8>)> {
    let field = ("X-[a-zA-Z0-9!#$%&'*+.^_`|~-]{1,12}", "([!-~][ -~]{0,20}[!-~])?");
    (200u16..600, "[ -~]{0,20}", vec(field, 0..8), vec(any::<u8>(), 0..200), 0usize..5).prop_map(
        |(status, reason, fields, body, chunk)| {
            let mut bytes = format!("HTTP/1.1 {status} {reason}\r\n").into_bytes();
            for (name, value) in &fields {
                bytes.extend(format!("{name}: {value}\r\n").bytes());
            }
            let bodiless = status == 204 || status == 304;
            if chunk == 0 {
                bytes.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
                bytes.extend(if bodiless { &[][..] } else { &body });
            } else {
                bytes.extend(b"Transfer-Encoding: chunked\r\n\r\n");
                for piece in body.chunks(chunk * 7).filter(|_| !bodiless) {
                    bytes.extend(format!("{:x}\r\n", piece.len()).bytes());
                    bytes.extend(piece);
                    bytes.extend(b"\r\n");
                }
                bytes.extend(if bodiless { &[][..] } else { b"0\r\n\r\n" });
            }
            let body = if bodiless { Vec::new() } else { body };
            (bytes, status, fields, body)
        },
    )
}

/// Mostly plausible bytes with random damage.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    (response(), vec((any::<prop::sample::Index>(), any::<u8>()), 0..4)).prop_map(
        |((mut bytes, ..), damage)| {
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        },
    )
}

proptest! {
    /// Any bytes can be sent: escaped, a template reads them as they were.
    #[test]
    fn escaped_text_is_read_as_it_was(
        bytes in prop_oneof![vec(prop_oneof![Just(b'{'), Just(b'}'), Just(b'a')], 0..24), vec(any::<u8>(), 0..64)],
    ) {
        let template = Template::parse(&Template::escape(&bytes), &["a"]).unwrap();
        prop_assert_eq!(template.as_literal(), Some(bytes));
    }

    #[test]
    fn any_split_of_valid_responses(responses in vec(response(), 1..4), step in 1usize..80) {
        let bytes: Vec<u8> = responses.iter().flat_map(|r| r.0.clone()).collect();
        let (found, state) = collect_in_steps(&bytes, RequestKind::Normal, responses.len(), step);
        prop_assert_eq!(state, Collecting::Idle { owed: 0 });
        prop_assert_eq!(found.len(), responses.len());
        for (found, (raw, status, fields, body)) in found.iter().zip(&responses) {
            prop_assert_eq!(found.status, *status);
            prop_assert_eq!(&found.raw, raw);
            prop_assert_eq!(&found.body, body);
            for ((name, value), (n, v)) in fields.iter().zip(&found.fields) {
                prop_assert_eq!((name.as_bytes(), value.as_bytes()), (&n[..], &v[..]));
            }
        }
    }

    #[test]
    fn any_split_of_damaged_responses_gives_the_same_answer(
        bytes in damaged(), step in 1usize..40
    ) {
        let (whole, whole_state) =
            collect_in_steps(&bytes, RequestKind::Normal, 1, bytes.len().max(1));
        let (split, split_state) = collect_in_steps(&bytes, RequestKind::Normal, 1, step);
        prop_assert_eq!(whole, split);
        match (whole_state, split_state) {
            // Excerpts in the text depend on the segments, the name does not.
            (Collecting::Failed(a), Collecting::Failed(b)) => prop_assert_eq!(a.name(), b.name()),
            (a, b) => prop_assert_eq!(a, b),
        }
    }

    #[test]
    fn what_we_accept_httparse_accepts(bytes in damaged()) {
        let mut collector = ResponseCollector::new(Limits::default());
        collector.expect(RequestKind::Normal);
        for response in collector.feed(&bytes) {
            let mut headers = [httparse::EMPTY_HEADER; 64];
            let mut theirs = httparse::Response::new(&mut headers);
            let status = theirs.parse(&response.raw).unwrap();
            prop_assert!(status.is_complete());
            prop_assert_eq!(theirs.code, Some(response.status));
            prop_assert_eq!(theirs.headers.len(), response.fields.len());
            for (a, b) in theirs.headers.iter().zip(&response.fields) {
                prop_assert_eq!(a.name.as_bytes(), &b.0[..]);
                prop_assert_eq!(a.value, &b.1[..]);
            }
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..300), step in 1usize..50) {
        let start = b"HTTP/1.1 200 OK\r\n";
        let (_, _) = collect_in_steps(&bytes, RequestKind::Normal, 1, step);
        let (_, _) = collect_in_steps(&[&start[..], &bytes].concat(), RequestKind::Normal, 1, step);
    }
}
