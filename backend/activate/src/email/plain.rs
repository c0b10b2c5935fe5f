//! HTML to plain text, for readers and mail programs without HTML. A tokeniser, not a browser: what is hidden is left
//! out, blocks become lines, links show where they go.

#[cfg(test)]
mod tests;

/// Elements whose content is never shown.
const SILENT: [&str; 5] = ["head", "style", "script", "title", "template"];
/// Elements without content.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];
/// Elements that begin and end a line.
const BLOCKS: [&str; 22] = [
    "address",
    "article",
    "blockquote",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "p",
    "section",
    "table",
    "tr",
    "ul",
];

/// The text of an HTML document.
pub fn plain_text(html: &str) -> String {
    let mut reader = Reader::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        reader.text(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
        } else if let Some((tag, after)) = tag(rest) {
            reader.tag(tag);
            rest = after;
        } else {
            // A bare "<" is text.
            reader.text("<");
            rest = &rest[1..];
        }
    }
    reader.text(rest);
    reader.finish()
}

/// A tag without its brackets, and what follows; quotes may hold brackets.
fn tag(rest: &str) -> Option<(&str, &str)> {
    let body = &rest[1..];
    if !body.starts_with(|first: char| first.is_ascii_alphabetic() || "/!?".contains(first)) {
        return None;
    }
    let mut quote = None;
    for (at, letter) in body.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some((&body[..at], &body[at + 1..])),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

#[derive(Default)]
struct Reader {
    out: String,
    /// Open elements inside something hidden: the outermost is hidden itself.
    hidden: Vec<String>,
    /// Where the innermost open link goes, and where its text begins in `out`.
    link: Option<(String, usize)>,
    /// A space is due before the next word.
    space: bool,
}

impl Reader {
    fn text(&mut self, text: &str) {
        if !self.hidden.is_empty() {
            return;
        }
        for letter in decode(text).chars() {
            if matches!(letter, ' ' | '\t' | '\r' | '\n') {
                self.space = true;
            } else if !matches!(letter, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' | '\u{34f}') {
                if std::mem::take(&mut self.space) && !self.out.is_empty() && !self.out.ends_with('\n') {
                    self.out.push(' ');
                }
                self.out.push(if letter == '\u{a0}' { ' ' } else { letter });
            }
        }
    }

    fn line(&mut self) {
        self.space = false;
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    fn blank_line(&mut self) {
        self.line();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    fn tag(&mut self, tag: &str) {
        let (closing, tag) = tag.strip_prefix('/').map_or((false, tag), |tag| (true, tag));
        let end = tag.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = tag[..end].to_ascii_lowercase();
        let alone = VOID.contains(&name.as_str()) || tag.ends_with('/');
        if !self.hidden.is_empty() {
            if closing {
                if let Some(at) = self.hidden.iter().rposition(|open| *open == name) {
                    self.hidden.truncate(at);
                }
            } else if !alone {
                self.hidden.push(name);
            }
            return;
        }
        let hides = SILENT.contains(&name.as_str()) || is_hidden(tag);
        if hides && !closing && !alone {
            self.hidden.push(name);
            return;
        }
        self.shown(&name, closing, tag);
    }

    fn shown(&mut self, name: &str, closing: bool, tag: &str) {
        match name {
            "br" => {
                self.space = false;
                self.out.push('\n');
            }
            "hr" => self.blank_line(),
            "a" if closing => self.end_link(),
            "a" => self.link = attribute(tag, "href").map(|href| (href, self.out.len())),
            "li" if !closing => {
                self.line();
                self.out.push_str("- ");
            }
            "td" | "th" => self.space = true,
            "img" => {
                if let Some(alternative) = attribute(tag, "alt") {
                    self.text(&alternative);
                }
            }
            "p" | "h1" | "h2" | "h3" | "table" | "ul" => self.blank_line(),
            _ if BLOCKS.contains(&name) || name == "li" => self.line(),
            _ => {}
        }
    }

    fn end_link(&mut self) {
        let Some((href, start)) = self.link.take() else {
            return;
        };
        let shown = self.out.get(start..).unwrap_or_default().trim();
        let goes_somewhere = ["http:", "https:", "mailto:"].iter().any(|scheme| href.starts_with(scheme));
        if goes_somewhere && shown != href && Some(shown) != href.strip_prefix("mailto:") {
            let space = if shown.is_empty() { "" } else { " " };
            self.out.push_str(&format!("{space}<{href}>"));
        }
    }

    fn finish(self) -> String {
        let mut text = String::with_capacity(self.out.len());
        let mut empty = 0;
        for line in self.out.lines().map(str::trim_end) {
            empty = if line.is_empty() { empty + 1 } else { 0 };
            if empty < 2 {
                text.push_str(line);
                text.push('\n');
            }
        }
        format!("{}\n", text.trim())
    }
}

fn is_hidden(tag: &str) -> bool {
    let style = attribute(tag, "style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    style.contains("display:none") || style.contains("mso-hide:all")
}

/// The value of an attribute of a tag, entities decoded.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find(name).map(|at| at + from) {
        from = at + name.len();
        let apart = tag[..at].ends_with(|before: char| before.is_ascii_whitespace() || before == '"' || before == '\'');
        let Some(value) = tag[from..].trim_start().strip_prefix('=').filter(|_| apart) else {
            continue;
        };
        let value = value.trim_start();
        let quoted = value.strip_prefix('"').map(|rest| (rest, '"')).or_else(|| Some((value.strip_prefix('\'')?, '\'')));
        return Some(decode(match quoted {
            Some((rest, quote)) => rest.split(quote).next().unwrap_or_default(),
            None => value.split_ascii_whitespace().next().unwrap_or_default(),
        }));
    }
    None
}

/// Decodes the entities that mail uses; others stay as they are.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        match rest[1..].find(';').filter(|end| *end <= 10).and_then(|end| Some((entity(&rest[1..=end])?, end + 2))) {
            Some((letter, length)) => {
                out.push(letter);
                rest = &rest[length..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    if let Some(code) = name.strip_prefix('#') {
        let hexadecimal = code.strip_prefix(['x', 'X']);
        let code = hexadecimal.map_or_else(|| code.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())?;
        return char::from_u32(code).filter(|letter| !letter.is_control());
    }
    const NAMED: [(&str, char); 26] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", '\u{a0}'),
        ("shy", '\u{ad}'),
        ("zwnj", '\u{200c}'),
        ("ndash", '–'),
        ("mdash", '—'),
        ("hellip", '…'),
        ("copy", '©'),
        ("reg", '®'),
        ("euro", '€'),
        ("pound", '£'),
        ("laquo", '«'),
        ("raquo", '»'),
        ("lsquo", '‘'),
        ("rsquo", '’'),
        ("ldquo", '“'),
        ("rdquo", '”'),
        ("eacute", 'é'),
        ("egrave", 'è'),
        ("agrave", 'à'),
        ("bull", '•'),
        ("middot", '·'),
    ];
    NAMED.iter().find(|(word, _)| *word == name).map(|(_, letter)| *letter)
}
