//! Lists of texts and of numbers.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, ListArray, StringArray};
use arrow::datatypes::{DataType, Float64Type};
use datafusion::common::ScalarValue;
use datafusion::error::Result;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};
use datafusion::prelude::SessionContext;
use rollcall_rules::predicate::fold;

use super::strings::Patterns;
use super::{column, columnar, misused, register_rows};
use crate::columns::element;

/// What is asked of the elements; the literals come after the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Question {
    AnyEquals,
    AllPresent,
    AnyContains,
    AnyStartsWith,
    AnyEndsWith,
    AnyMatches,
    AnyAbove,
    AnyAtLeast,
    AnyBelow,
    AnyAtMost,
    AnyBetween,
}

const QUESTIONS: [(Question, &str); 11] = [
    (Question::AnyEquals, "any_equals"),
    (Question::AllPresent, "all_present"),
    (Question::AnyContains, "any_contains"),
    (Question::AnyStartsWith, "any_starts_with"),
    (Question::AnyEndsWith, "any_ends_with"),
    (Question::AnyMatches, "any_matches"),
    (Question::AnyAbove, "any_above"),
    (Question::AnyAtLeast, "any_at_least"),
    (Question::AnyBelow, "any_below"),
    (Question::AnyAtMost, "any_at_most"),
    (Question::AnyBetween, "any_between"),
];

pub(super) fn register(session: &SessionContext) {
    let texts = DataType::List(element(DataType::Utf8));
    register_rows(session, "fold_each", vec![texts.clone()], texts, |arguments, rows| {
        let lists = column(arguments, 0, rows)?;
        let lists = lists.as_list::<i32>();
        let folded: StringArray = lists.values().as_string::<i32>().iter().map(|text| text.map(fold)).collect();
        let parts = (element(DataType::Utf8), lists.offsets().clone(), Arc::new(folded) as ArrayRef, lists.nulls().cloned());
        Ok(Arc::new(ListArray::try_new(parts.0, parts.1, parts.2, parts.3)?))
    });
    let patterns = Patterns::default();
    for (question, name) in QUESTIONS {
        let signature = Signature::variadic_any(Volatility::Immutable);
        session.register_udf(ScalarUDF::new_from_impl(ListFunction { name, question, signature, patterns: patterns.clone() }));
    }
}

/// A yes-or-no question about a list.
struct ListFunction {
    name: &'static str,
    question: Question,
    signature: Signature,
    patterns: Patterns,
}

impl std::fmt::Debug for ListFunction {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name)
    }
}

impl PartialEq for ListFunction {
    fn eq(&self, other: &ListFunction) -> bool {
        self.question == other.question
    }
}

impl Eq for ListFunction {}

impl std::hash::Hash for ListFunction {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.question.hash(state);
    }
}

impl ScalarUDFImpl for ListFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arguments: &[DataType]) -> Result<DataType> {
        Ok(DataType::Boolean)
    }

    fn invoke_with_args(&self, arguments: ScalarFunctionArgs) -> Result<ColumnarValue> {
        columnar(&arguments.args, |arguments, rows| {
            let lists = column(arguments, 0, rows)?;
            let lists = lists.as_list_opt::<i32>().ok_or_else(|| misused("the first argument must be a list"))?;
            let answers = match lists.value_type() {
                DataType::Float64 => self.ask_numbers(lists, arguments.get(1..).unwrap_or_default())?,
                _ => self.ask_texts(lists, arguments.get(1..).unwrap_or_default())?,
            };
            Ok(Arc::new(answers))
        })
    }
}

impl ListFunction {
    fn ask_texts(&self, lists: &ListArray, literals: &[ColumnarValue]) -> Result<BooleanArray> {
        let wanted: Vec<&str> = literals.iter().map(text).collect::<Result<_>>()?;
        let first = wanted.first().copied().unwrap_or_default();
        let any = |test: &dyn Fn(&str) -> bool| ask_each(lists, |values| values.as_string::<i32>().iter().flatten().any(test));
        Ok(match self.question {
            Question::AnyEquals => any(&|text| wanted.contains(&text)),
            Question::AllPresent => ask_each(lists, |values| {
                let values = values.as_string::<i32>();
                wanted.iter().all(|wanted| values.iter().any(|text| text == Some(*wanted)))
            }),
            Question::AnyContains => any(&|text| text.contains(first)),
            Question::AnyStartsWith => any(&|text| text.starts_with(first)),
            Question::AnyEndsWith => any(&|text| text.ends_with(first)),
            Question::AnyMatches => {
                let regex = self.patterns.get(first)?;
                any(&|text| regex.is_match(text))
            }
            _ => return Err(misused("a question about numbers is asked of texts")),
        })
    }

    fn ask_numbers(&self, lists: &ListArray, literals: &[ColumnarValue]) -> Result<BooleanArray> {
        let wanted: Vec<f64> = literals.iter().map(number).collect::<Result<_>>()?;
        let nth = |position: usize| wanted.get(position).copied().unwrap_or(f64::NAN);
        let (first, second) = (nth(0), nth(1));
        let any = |test: &dyn Fn(f64) -> bool| {
            ask_each(lists, |values| values.as_primitive::<Float64Type>().iter().flatten().any(test))
        };
        Ok(match self.question {
            Question::AnyEquals => any(&|number| wanted.contains(&number)),
            Question::AllPresent => ask_each(lists, |values| {
                let values = values.as_primitive::<Float64Type>();
                wanted.iter().all(|wanted| values.iter().any(|number| number == Some(*wanted)))
            }),
            Question::AnyAbove => any(&|number| number > first),
            Question::AnyAtLeast => any(&|number| number >= first),
            Question::AnyBelow => any(&|number| number < first),
            Question::AnyAtMost => any(&|number| number <= first),
            Question::AnyBetween => any(&|number| first <= number && number <= second),
            _ => return Err(misused("a question about texts is asked of numbers")),
        })
    }
}

fn ask_each(lists: &ListArray, ask: impl Fn(&ArrayRef) -> bool) -> BooleanArray {
    lists.iter().map(|list| list.map(|values| ask(&values))).collect()
}

fn text(literal: &ColumnarValue) -> Result<&str> {
    match literal {
        ColumnarValue::Scalar(scalar) => scalar.try_as_str().flatten().ok_or_else(|| misused("a text is needed")),
        ColumnarValue::Array(_) => Err(misused("a literal is needed")),
    }
}

fn number(literal: &ColumnarValue) -> Result<f64> {
    match literal {
        ColumnarValue::Scalar(ScalarValue::Float64(Some(number))) => Ok(*number),
        _ => Err(misused("a literal number is needed")),
    }
}
