//! Texts of anybody's as YAML writes them.

/// `text` in double quotes, on one line, whatever is in it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            // What ends a line in some readers, or is no character of a YAML file.
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                quoted.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ if letter.is_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(letter))),
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn whatever_is_quoted_is_read_again() {
        let hostile = [
            "",
            " ",
            "plain",
            "it's",
            "\"",
            "\\",
            "a: b # c",
            "- x",
            "{a}",
            "*x",
            "!!str",
            "null",
            "1e3",
            "yes",
            "\n\n",
            "\t\r\u{0}\u{7}\u{1b}[2J\u{7f}\u{85}",
            "\u{2028}\u{feff}\u{fffe}",
            "\u{e4}\u{1f600}",
            "${x}",
            "%YAML 1.2",
            "---\n...\n",
        ];
        for text in hostile {
            let read: String = serde_yaml::from_str(&quoted(text)).expect(text);
            assert_eq!(read, text, "{}", quoted(text));
            assert_eq!(quoted(text).lines().count(), 1);
        }
    }
}
