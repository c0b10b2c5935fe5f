//! Subject and body templates.
//!
//! The language is Jinja (minijinja) without loading of other templates. MJML is turned into HTML once, when the template
//! is made; only then is the HTML personalised, with every value escaped: a value can become neither MJML nor markup nor
//! template code. The one text that is not escaped is the link to unsubscribe, which this program makes itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value as Cell};
use mrml::prelude::render::RenderOptions;
use serde::Serialize;

use super::person::{Misses, Person};
use super::plain::plain_text;

#[cfg(test)]
mod tests;

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyFormat {
    /// MJML.
    Mjml,
    /// HTML.
    Html,
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateFault {
    /// A sentence.
    pub message: String,
    /// The line of the body as written, from 1, where known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

impl TemplateFault {
    fn new(message: impl Into<String>) -> TemplateFault {
        TemplateFault { message: message.into(), line: None }
    }
}

/// A message for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// HTML.
    pub html: String,
    /// The same for readers without HTML.
    pub text: String,
    /// Names that have no value and were shown as nothing, such as `traits.city`, sorted.
    pub missing: Vec<String>,
    /// What mail programs will not like, in sentences.
    pub warnings: Vec<String>,
}

const SUBJECT: &str = "subject.txt";
const BODY: &str = "body.html";
const NAMES: [&str; 3] = ["traits", "user_id", "unsubscribe_url"];
/// Characters of a subject.
const LONGEST_SUBJECT: usize = 400;
/// A larger body is cut short by some mail programs.
const LARGE_BODY: usize = 102 * 1024;

/// A checked template.
#[derive(Debug)]
pub struct EmailTemplate {
    environment: Environment<'static>,
}

impl EmailTemplate {
    /// Checks a subject and a body.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn new(subject: &str, format: BodyFormat, body: &str) -> Result<EmailTemplate, Vec<TemplateFault>> {
        let mut faults = Vec::new();
        if subject.trim().is_empty() {
            faults.push(TemplateFault::new("The subject is empty."));
        }
        if subject.chars().any(char::is_control) {
            faults.push(TemplateFault::new("The subject is more than one line."));
        }
        let mut environment = environment();
        add(&mut environment, SUBJECT, subject.to_owned(), "subject", &mut faults);
        // Checked as written first, since only then lines are those that people see.
        add(&mut environment, BODY, body.to_owned(), "body", &mut faults);
        if faults.is_empty() && format == BodyFormat::Mjml {
            match mjml(body) {
                Ok(html) => add(&mut environment, BODY, html, "body", &mut faults),
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(EmailTemplate { environment })
    }

    /// Whether the mail of somebody without traits shows the link to unsubscribe. The headers carry it in any case. True too
    /// of a body that cannot be made for somebody without traits.
    pub fn links_out(&self) -> bool {
        const LINK: &str = "https://unsubscribe.invalid/1f0c";
        let nobody = Person { user_id: "user".to_owned(), traits: Vec::new() };
        self.part(BODY, &context(&nobody, LINK)).map_or(true, |html| plain_text(&html).contains(LINK))
    }

    fn part(&self, name: &str, context: &Cell) -> Result<String, minijinja::Error> {
        self.environment.get_template(name)?.render(context.clone())
    }

    /// The message for a person. `unsubscribe_url` is a complete URL.
    ///
    /// # Errors
    /// The template fails for this person, for example by adding up what are not numbers.
    pub fn render(&self, person: &Person, unsubscribe_url: &str) -> Result<Rendered, TemplateFault> {
        let context = context(person, unsubscribe_url);
        let subject = self.part(SUBJECT, &context).map_err(|error| fault(&error, "subject"))?;
        let html = self.part(BODY, &context).map_err(|error| fault(&error, "body"))?;
        let subject = single_line(&subject);
        if subject.is_empty() {
            return Err(TemplateFault::new("The subject is empty for this person."));
        }
        let mut warnings = Vec::new();
        if html.len() > LARGE_BODY {
            warnings.push(format!("The body has {} KB; some mail programs cut it at 102 KB.", html.len() / 1024));
        }
        Ok(Rendered { subject, text: plain_text(&html), html, missing: shown_as_nothing(&context), warnings })
    }
}

fn context(person: &Person, unsubscribe_url: &str) -> Cell {
    let misses = Misses::default();
    Cell::from_pairs([
        ("user_id", Cell::from(&person.user_id)),
        ("traits", person.traits(&misses)),
        ("unsubscribe_url", Cell::from_safe_string(attribute(unsubscribe_url))),
        (BLANKS, Cell::from_object(Blanks { misses, names: std::sync::Mutex::default() })),
    ])
}

/// The name under which a rendering carries its own notes.
const BLANKS: &str = "__blanks";

#[derive(Debug)]
struct Blanks {
    misses: Misses,
    names: std::sync::Mutex<BTreeSet<String>>,
}

impl minijinja::value::Object for Blanks {}

fn shown_as_nothing(context: &Cell) -> Vec<String> {
    let blanks = context.get_attr(BLANKS).ok().and_then(|value| value.downcast_object::<Blanks>());
    let names = |blanks: Arc<Blanks>| blanks.names.lock().map(|names| names.iter().cloned().collect()).ok();
    blanks.and_then(names).unwrap_or_default()
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // A missing value prints nothing and its parts are missing too.
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_auto_escape_callback(|name| if name == BODY { AutoEscape::Html } else { AutoEscape::None });
    environment.set_recursion_limit(50);
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() {
            let blanks = state.lookup(BLANKS).and_then(|value| value.downcast_object::<Blanks>());
            if let Some(blanks) = blanks {
                let name = blanks.misses.last().unwrap_or_else(|| "a value".to_owned());
                if let Ok(mut names) = blanks.names.lock() {
                    names.insert(name);
                }
            }
        }
        minijinja::escape_formatter(out, state, value)
    });
    environment
}

fn add(environment: &mut Environment<'static>, name: &'static str, source: String, what: &str, faults: &mut Vec<TemplateFault>) {
    if let Err(error) = environment.add_template_owned(name, source) {
        faults.push(fault(&error, what));
        return;
    }
    let Ok(template) = environment.get_template(name) else {
        return;
    };
    let mut unknown: Vec<String> = template.undeclared_variables(false).into_iter().collect();
    unknown.retain(|name| !NAMES.contains(&name.as_str()) && environment.globals().all(|(global, _)| global != name));
    unknown.sort();
    for name in unknown {
        let message = format!("The {what} uses {name}, which does not exist. Traits are written traits.{name}.");
        faults.push(TemplateFault::new(message));
    }
}

/// The error and its cause in a sentence, without the name of the template.
fn fault(error: &minijinja::Error, what: &str) -> TemplateFault {
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let line = if what == "body" { error.line() } else { None };
    TemplateFault { message: format!("The {what} cannot be used: {detail}."), line }
}

fn mjml(body: &str) -> Result<String, TemplateFault> {
    let unusable = |detail: String| TemplateFault::new(format!("The body is not MJML: {detail}."));
    let parsed = mrml::parse(body).map_err(|error| unusable(error.to_string()))?;
    // No fonts of a third party, which would learn who reads when.
    let options = RenderOptions { disable_comments: true, social_icon_origin: None, fonts: Default::default() };
    parsed.element.render(&options).map_err(|error| unusable(error.to_string()))
}

/// A URL inside a quoted attribute or text.
fn attribute(url: &str) -> String {
    url.replace('&', "&amp;").replace('"', "&quot;").replace('\'', "&#39;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Line ends and other control characters of values become spaces: a subject is one line, whatever a trait holds.
fn single_line(subject: &str) -> String {
    let flat: String = subject.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    flat.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(LONGEST_SUBJECT).collect()
}
