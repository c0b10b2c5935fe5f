//! Exact sums.

use std::sync::Arc;

use arrow::array::{AsArray, Decimal128Array};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int64Type};
use datafusion::prelude::SessionContext;

use super::{column, register_rows};

/// Whole numbers of up to 38 digits.
const EXACT: DataType = DataType::Decimal128(38, 0);

pub(super) fn register(session: &SessionContext) {
    register_rows(session, "billionths", vec![DataType::Float64], EXACT, |arguments, rows| {
        let numbers = column(arguments, 0, rows)?;
        let numbers = numbers.as_primitive::<Float64Type>().iter().map(|number| rollcall_rules::exact::billionths(number?));
        Ok(Arc::new(numbers.collect::<Decimal128Array>().with_data_type(EXACT)))
    });
    register_rows(session, "times", vec![EXACT, DataType::Int64], EXACT, |arguments, rows| {
        let (factors, counts) = (column(arguments, 0, rows)?, column(arguments, 1, rows)?);
        // A product beyond 38 digits is beyond every sum, so the greatest number stands for it.
        let most = 10_i128.pow(38) - 1;
        let products = factors
            .as_primitive::<Decimal128Type>()
            .iter()
            .zip(counts.as_primitive::<Int64Type>())
            .map(|(factor, count)| Some(factor?.saturating_mul(i128::from(count?)).clamp(-most, most)));
        Ok(Arc::new(products.collect::<Decimal128Array>().with_data_type(EXACT)))
    });
    divided(session, "whole_part", |sum, count| sum.div_euclid(count));
    // What is left is below the count, so it fits 38 digits with 20 more up to 10^18 values.
    divided(session, "decimals", |sum, count| (sum.rem_euclid(count) * 10_i128.pow(20)).div_euclid(count));
}

/// Registers a function of a sum and the number of values in it; null without values.
fn divided(session: &SessionContext, name: &str, divide: fn(i128, i128) -> i128) {
    register_rows(session, name, vec![EXACT, DataType::Int64], EXACT, move |arguments, rows| {
        let (sums, counts) = (column(arguments, 0, rows)?, column(arguments, 1, rows)?);
        let results = sums.as_primitive::<Decimal128Type>().iter().zip(counts.as_primitive::<Int64Type>()).map(|(sum, count)| {
            let count = count.filter(|count| *count > 0)?;
            Some(divide(sum?, i128::from(count)))
        });
        Ok(Arc::new(results.collect::<Decimal128Array>().with_data_type(EXACT)))
    });
}
