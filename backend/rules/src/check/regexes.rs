//! Regular expressions, and how much memory those of one rule may take.

use regex::{Error, Regex, RegexBuilder};

/// What one expression may take, bytes: what the `regex` library allows by itself.
pub(crate) const MAX_SIZE: usize = 10 << 20;
/// Sizes that it is given to fit into.
const SIZES: [usize; 3] = [64 << 10, 1 << 20, MAX_SIZE];
/// What all expressions of a rule, and of segments it refers to, may take together, attempts included: a thousand ordinary ones
/// fit, a thousand made to be large would take ten gigabytes and minutes.
pub(crate) const MAX_SIZES: usize = 64 << 20;

/// Compiles the regular expressions of one check.
#[derive(Debug)]
pub(super) struct Regexes {
    left: usize,
}

impl Default for Regexes {
    fn default() -> Regexes {
        Regexes { left: MAX_SIZES }
    }
}

impl Regexes {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// Why it cannot be used, as the end of a sentence.
    pub fn compile(&mut self, pattern: &str, ignore_case: bool) -> Result<Regex, String> {
        let compiled = self.fitting(pattern)?;
        // The flag goes into the pattern, so that the text of the compiled expression says everything; it is put there only
        // once the pattern is known to be valid by itself.
        if ignore_case { self.fitting(&format!("(?i){pattern}")) } else { Ok(compiled) }
    }

    fn fitting(&mut self, pattern: &str) -> Result<Regex, String> {
        for size in SIZES {
            if size > self.left {
                return Err("the regular expressions of this rule are too large together".to_owned());
            }
            self.left -= size;
            match RegexBuilder::new(pattern).size_limit(size).build() {
                Ok(regex) => return Ok(regex),
                Err(Error::Syntax(text)) => {
                    return Err(text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned());
                }
                Err(_) => {}
            }
        }
        Err("it is too large".to_owned())
    }
}
