//! `POST /echo`: JSON parsed into a typed tree and serialised again.
//!
//! The tree borrows from the body what needs no unescaping and keeps members in
//! their order; it is a full parse, not a copy of the text.

use std::borrow::Cow;
use std::{fmt, io};

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The body of a request is not JSON (RFC 8259).
#[derive(Debug, thiserror::Error)]
#[error("body is not JSON: {0}")]
pub struct InvalidJson(#[from] serde_json::Error);

/// Parses `body` and serialises it to the end of `answer`, a buffer in memory.
///
/// # Errors
/// When `body` is not JSON in UTF-8, or nests deeper than 127 levels; `answer` is
/// untouched then.
pub fn echo(body: &[u8], answer: impl io::Write) -> Result<(), InvalidJson> {
    let tree: Json<'_> = serde_json::from_slice(body)?;
    serde_json::to_writer(answer, &tree).map_err(InvalidJson)
}

/// Any JSON value.
#[derive(Debug, PartialEq)]
enum Json<'b> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'b, str>),
    Array(Vec<Json<'b>>),
    Object(Vec<(Name<'b>, Json<'b>)>),
}

/// The name of a member.
#[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Name<'b>(#[serde(borrow)] Cow<'b, str>);

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Unsigned(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Signed(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Float(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Json<'de>, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Json::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Json::Object(object))
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Unsigned(value) => serializer.serialize_u64(*value),
            Json::Signed(value) => serializer.serialize_i64(*value),
            Json::Float(value) => serializer.serialize_f64(*value),
            Json::Text(value) => serializer.serialize_str(value),
            Json::Array(elements) => serializer.collect_seq(elements),
            Json::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echoed(body: &str) -> Option<String> {
        let mut answer = Vec::new();
        echo(body.as_bytes(), &mut answer).ok()?;
        Some(String::from_utf8(answer).unwrap())
    }

    #[test]
    fn compact_json_comes_back_as_it_was() {
        for text in [
            "null",
            "true",
            "0",
            "-1",
            "18446744073709551615",
            "-9223372036854775808",
            "1.5",
            "0.1",
            "5e-324",
            "1.7976931348623157e+308",
            "123456789.12345679",
            r#""""#,
            r#""\"\\\n\u0000ü€😀""#,
            "[]",
            "{}",
            r#"{"b":1,"a":[true,{"c":null}],"b":2,"\n":""}"#,
        ] {
            assert_eq!(echoed(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn space_and_escapes_are_free() {
        let answer = echoed(" { \"a\" : \"\\u0041\\/\\ud83d\\ude00\" ,\t\"b\":[ 1 ] }\r\n");
        assert_eq!(answer.unwrap(), r#"{"a":"A/😀","b":[1]}"#);
    }

    #[test]
    fn what_is_not_json_is_an_error() {
        for text in ["", " ", "{", "[1,]", "{'a':1}", "01", "1 2", "nul", r#""\x""#, "[1e999]"] {
            assert_eq!(echoed(text), None, "{text:?}");
        }
        assert!(echo(b"\"\xff\"", &mut Vec::new()).is_err());
        let deep = "[".repeat(100_000);
        assert!(echo(deep.as_bytes(), &mut Vec::new()).is_err());
    }
}
