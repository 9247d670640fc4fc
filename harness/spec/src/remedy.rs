//! What to write instead: YAML's own messages name what its grammar missed, and seldom what was meant.

use crate::error::Position;

/// A mistake that was found in a line, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remedy {
    pub(crate) at: Position,
    pub(crate) text: String,
}

/// So many lines above the one in which a reader notices a mistake, it may have been made.
const ABOVE: usize = 2;

/// The mistake behind `problem`, which was noticed at `at`: in that line, else in one of those above it,
/// else, where no place is known, in the first line that has one.
pub(crate) fn remedy(text: &str, at: Option<Position>, problem: &str) -> Option<Remedy> {
    let lines: Vec<&str> = text.lines().collect();
    let look = |index: usize| Line::of(lines.get(index)?, index).remedy(problem);
    if problem.ends_with("write the fields out") {
        return None;
    }
    // What is never closed is noticed at the end of the file.
    if is_of_the_end(problem) {
        let open = |index: usize| {
            let line = Line::of(lines.get(index)?, index);
            let ends = line.value.starts_with(['[', '{']) && !is_open(&lines[index..].join("\n"));
            if ends { None } else { line.unclosed() }
        };
        if let Some(found) = (0..lines.len()).find_map(open) {
            return Some(found);
        }
    }
    let Some(at) = at else {
        return (0..lines.len()).find_map(look);
    };
    let last = usize::try_from(at.line).ok()?.checked_sub(1)?.min(lines.len().checked_sub(1)?);
    let first = if is_of_form(problem) { last.saturating_sub(ABOVE) } else { last };
    // A bracket is missed where the next line does not fit, a tab at the end of the line before it.
    let open = |index: usize| {
        let line = Line::of(lines.get(index)?, index);
        is_open(&lines[index..last].join("\n")).then(|| line.unclosed()).flatten()
    };
    if let Some(found) = (first..last).rev().find_map(open) {
        return Some(found);
    }
    let behind =
        |line: &&str| problem.contains("tab") && line.trim_start_matches(' ').starts_with('\t');
    if lines.get(last + 1).is_some_and(behind) {
        return look(last + 1);
    }
    let found = (first..=last).rev().find_map(look);
    found.or_else(|| general(problem).map(|text| Remedy { at, text: text.to_owned() }))
}

/// Whether the reader could not make values of the lines: then the mistake may be above. Else it is in
/// the value that it names.
fn is_of_form(problem: &str) -> bool {
    !["found ", "nothing ", "field ", "missing ", "unknown ", "this name "]
        .iter()
        .any(|start| problem.starts_with(start))
}

/// Whether a quotation mark or a bracket may have no counterpart.
fn is_of_the_end(problem: &str) -> bool {
    let problem = problem.to_lowercase();
    ["quote", "eof", "flow", "bracket", "end of stream", "the file ends"]
        .iter()
        .any(|part| problem.contains(part))
}

/// What helps wherever it stands.
fn general(problem: &str) -> Option<&'static str> {
    let has = |part: &str| problem.contains(part);
    if has("stands here a second time") {
        Some("take one of the two out")
    } else if problem.starts_with("nothing stands here") {
        Some("write it behind the colon")
    } else if has("expected a list") {
        Some("write it in brackets: [one, another]")
    } else if has("trailing content") {
        Some("look for a comma that is missing, or quotes that end before the text does")
    } else if has("flow sequence") || has("flow mapping") || has("bracket") || has("flow coll") {
        Some("look for a bracket without its counterpart, or a comma that is missing")
    } else if has("quoted scalar") || has("quote") {
        Some("look for a quotation mark without its counterpart")
    } else if has("mapping values")
        || has("expected key")
        || has("indentation")
        || has("simple key")
        || has("expected ':'")
    {
        Some(
            "what belongs together begins in the same column, a field as `name: value`, an item of a \
             list as `- value`",
        )
    } else {
        None
    }
}

/// A line, taken apart as far as its mistakes need it.
struct Line<'a> {
    number: u32,
    whole: &'a str,
    /// What is in front of the first letter.
    indentation: &'a str,
    /// It begins with `- `.
    is_item: bool,
    /// The name of the field; none where the line is no field.
    key: Option<&'a str>,
    /// What follows the name, or the whole item.
    value: &'a str,
}

impl<'a> Line<'a> {
    fn of(whole: &'a str, index: usize) -> Self {
        let rest = whole.trim_start_matches([' ', '\t']);
        let indentation = &whole[..whole.len() - rest.len()];
        let mut content = rest;
        while let Some(item) = content.strip_prefix("- ") {
            content = item.trim_start();
        }
        let is_item = content.len() < rest.len();
        let named = content.split_once(':').filter(|(name, after)| {
            is_name(name) && (after.is_empty() || after.starts_with([' ', '\t']))
        });
        let (key, value) = match named {
            Some((name, value)) => (Some(name), value),
            None => (None, content),
        };
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        Self { number, whole, indentation, is_item, key, value: value.trim() }
    }

    fn remedy(&self, problem: &str) -> Option<Remedy> {
        if let Some(tab) = self.indentation.find('\t') {
            let text = "a line is indented by spaces, never by a tab".to_owned();
            return Some(self.at(tab, text));
        }
        self.of_form().or_else(|| self.of_value(problem))
    }

    fn at(&self, byte: usize, text: String) -> Remedy {
        let before = self.whole.get(..byte).unwrap_or_default();
        let column = u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX);
        Remedy { at: Position { line: self.number, column }, text }
    }

    /// At the value, or at a part of it.
    fn at_part(&self, part: &str, text: String) -> Remedy {
        // Both are parts of one text, so that their distance is the place.
        let byte = (part.as_ptr() as usize).saturating_sub(self.whole.as_ptr() as usize);
        self.at(byte, text)
    }

    /// What begins in this line and does not end there.
    fn unclosed(&self) -> Option<Remedy> {
        let first = self.value.chars().next()?;
        let text = match first {
            '"' | '\'' if closing(&self.value[1..], first).is_none() => {
                format!("the quotation mark `{first}` has no counterpart in this line")
            }
            '[' | '{' if is_open(self.value) => {
                format!("the bracket `{first}` has no counterpart in this line")
            }
            _ => return None,
        };
        Some(self.at_part(self.value, text))
    }

    /// Where the line is neither a field nor an item as it is written.
    fn of_form(&self) -> Option<Remedy> {
        let content = self.whole.trim_start();
        if content.starts_with("//") || content.starts_with("/*") {
            let text = "a comment begins with `#`".to_owned();
            return Some(self.at_part(content, text));
        }
        if let Some((name, value)) = content.strip_prefix('-').and_then(|it| it.split_once(": "))
            && is_name(name)
        {
            let text = format!("a space is missing behind the dash: `- {name}: {value}`");
            return Some(self.at_part(content, text));
        }
        if self.key.is_some() || self.is_item {
            return None;
        }
        if let Some((name, value)) = content.split_once(':')
            && is_name(name)
            && !value.starts_with('/')
        {
            let text = format!("a space is missing behind the colon: `{name}: {value}`");
            return Some(self.at_part(content, text));
        }
        let (name, value) = content.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let text = format!("a field is written with a colon: `{name}: {value}`");
        is_name(name).then(|| self.at_part(content, text))
    }

    fn of_value(&self, problem: &str) -> Option<Remedy> {
        let value = self.value;
        match value.chars().next()? {
            '"' | '\'' => self.of_quoted(),
            '[' | '{' => self.of_brackets(problem),
            '#' if problem.starts_with("nothing stands here") => Some(self.quoted(
                value,
                "what begins with `#` is a comment; a text that does so is put in quotes",
            )),
            _ if self.is_item && self.key.is_some() && problem.starts_with("found a mapping") => {
                let item = self.whole.trim_start().trim_start_matches("- ").trim();
                Some(self.quoted(item, A_COLON))
            }
            _ => self.of_plain(value, problem),
        }
    }

    /// A text without quotes.
    fn of_plain(&self, text: &'a str, problem: &str) -> Option<Remedy> {
        // A bracket that ends is no text, where it is the first of its line.
        let ends = self.key.is_none() && text.starts_with([']', '}', ',']);
        if let Some(why) = special_start(text, problem).filter(|_| !ends) {
            return Some(self.quoted(text, &why));
        }
        let has_colon = text.contains(": ") || text.ends_with(':');
        has_colon.then(|| self.quoted(text, A_COLON))
    }

    fn of_quoted(&self) -> Option<Remedy> {
        let mark = self.value.chars().next()?;
        let inner = &self.value[1..];
        let Some(end) = closing(inner, mark) else { return self.unclosed() };
        let behind = inner[end + 1..].trim_start();
        if !behind.is_empty() && !behind.starts_with('#') {
            let text = if mark == '\'' {
                "within '...' an apostrophe is written twice; or put the whole in \"...\""
                    .to_owned()
            } else {
                format!("quotes go around the whole text: `{behind}` stands behind them")
            };
            return Some(self.at_part(behind, text));
        }
        let escapes = mark == '"' && inner[..end].contains('\\');
        let text = "a backslash stands for itself within '...' alone";
        escapes.then(|| self.at_part(self.value, text.to_owned()))
    }

    /// A list or a mapping in brackets.
    fn of_brackets(&self, problem: &str) -> Option<Remedy> {
        let inside = self.value.trim_matches(['{', '}', ' ']);
        let is_plain = self.value.starts_with('{') && !inside.contains(':');
        if is_plain && problem.contains("expected a list") {
            return Some(self.at_part(self.value, format!("a list is in brackets: [{inside}]")));
        }
        if let Some(word) = placeholder(self.value) {
            let why = "a placeholder begins with what begins a mapping in YAML, so that its word is \
                put in quotes";
            return Some(self.quoted(word, why));
        }
        let items = self.value.trim_start_matches(['[', '{']).split(',');
        let items = items.map(|item| item.trim().trim_end_matches([']', '}']).trim());
        for item in items.filter(|item| !item.contains(['"', '\''])) {
            let value = item.split_once(": ").map_or(item, |(_, value)| value.trim());
            if let Some(why) = special_start(value, problem) {
                return Some(self.quoted(value, &why));
            }
            let pair = item.split_once(['=', ':']).filter(|(name, it)| {
                is_name(name) && !it.is_empty() && !it.starts_with([' ', '/'])
            });
            if let Some((name, value)) = pair
                && self.value.starts_with('{')
            {
                let text =
                    format!("a field is written with a colon and a space: `{name}: {value}`");
                return Some(self.at_part(item, text));
            }
            if !self.value.contains('{') && item.contains(": ") {
                return Some(self.quoted(item, A_COLON));
            }
        }
        None
    }

    /// To put `text` in quotes, since `why`.
    fn quoted(&self, text: &str, why: &str) -> Remedy {
        let inside = text.replace('\\', "\\\\").replace('"', "\\\"");
        let written = match (self.key, text == self.value) {
            (Some(key), true) => format!("{key}: \"{inside}\""),
            _ => format!("\"{inside}\""),
        };
        self.at_part(text, format!("{why}: {written}"))
    }
}

const A_COLON: &str =
    "a colon before a space begins a value of its own; a text that has one is put in quotes";

/// Why `text` has to stand in quotes for its first letter, if it does.
fn special_start(text: &str, problem: &str) -> Option<String> {
    let first = text.chars().next()?;
    let alone = text.len() == first.len_utf8() || text[first.len_utf8()..].starts_with(' ');
    let means = match first {
        '*' if problem.contains("anchor") || problem.contains("alias") => "refers to an anchor",
        '&' if problem.starts_with("nothing stands here") => "names an anchor",
        '!' if problem.contains("tag") || !text.contains(' ') => "is a tag",
        '@' | '`' | '%' => "is reserved",
        '|' | '>' if !text[1..].trim_start_matches(['+', '-']).trim().is_empty() => {
            "begins a text of several lines"
        }
        '-' | '?' | ',' | ']' | '}' if alone || !matches!(first, '-' | '?') => {
            "is a sign of YAML's"
        }
        _ => return None,
    };
    Some(format!("`{first}` at the beginning {means}; a text that begins so is put in quotes"))
}

/// The first word outside quotes that has `{name}`.
fn placeholder(value: &str) -> Option<&str> {
    let mut quote = None;
    let mut start = 0;
    for (at, letter) in value.char_indices() {
        match (quote, letter) {
            (Some(mark), letter) if mark == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, ' ' | ',' | '[') => start = at + 1,
            (None, '{') => {
                let (name, _) = value[at + 1..].split_once('}')?;
                if is_name(name) {
                    let word = &value[start..];
                    let behind = at - start + 1 + name.len() + 1;
                    let rest = word[behind..].find([' ', ',', ']', '"']);
                    return Some(&word[..rest.map_or(word.len(), |rest| behind + rest)]);
                }
            }
            _ => {}
        }
    }
    None
}

/// Whether more brackets begin in `value` than end there, quotes left out.
fn is_open(value: &str) -> bool {
    let mut quote = None;
    let mut depth = 0_i32;
    for letter in value.chars() {
        match (quote, letter) {
            (Some(mark), letter) if mark == letter => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            _ => {}
        }
    }
    depth > 0
}

/// Where a text in such quotes ends.
fn closing(inner: &str, mark: char) -> Option<usize> {
    let mut letters = inner.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == '\\' && mark == '"' {
            letters.next();
        } else if letter == mark {
            let twice = mark == '\'' && letters.peek().is_some_and(|(_, next)| *next == mark);
            if !twice {
                return Some(at);
            }
            letters.next();
        }
    }
    None
}

fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}
