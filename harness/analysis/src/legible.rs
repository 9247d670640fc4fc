//! Text of others - a server's version, what it answered, a folder's name - made fit to be shown:
//! nothing in it is invisible, and nothing turns the text around it.

/// `text` with control characters, characters without width and those that override the direction
/// of writing as `\u{...}`; line breaks and tabulators stay.
///
/// Letters of scripts that are written from right to left stay too; the page isolates them.
#[must_use]
pub fn legible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_hidden(letter) {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    out
}

/// The same on one line.
#[must_use]
pub fn one_line(text: &str) -> String {
    legible(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Control and format characters (general categories Cc and Cf of Unicode, as far as they are in
/// use in running text).
fn is_hidden(letter: char) -> bool {
    match letter {
        '\n' | '\t' => false,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' => true,
        _ => letter.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::{legible, one_line};

    #[test]
    fn what_cannot_be_seen_is_spelled_out() {
        assert_eq!(legible("a\u{202e}b\u{200b}c\u{1b}[2J"), r"a\u{202e}b\u{200b}c\u{1b}[2J");
        assert_eq!(legible("två\n\tשלום"), "två\n\tשלום");
    }

    #[test]
    fn one_line_is_one_line() {
        assert_eq!(one_line("a\r\n  b\tc"), r"a\u{d} b c");
    }
}
