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
}
