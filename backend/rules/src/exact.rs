//! Exact, order-free sums: each value is a whole number of billionths.

/// Values beyond it on either side take no part in sums and means, which are exact up to here.
pub(crate) const MAX_VALUE: f64 = 1e20;

/// `value` in billionths: exactly value x 10^9 if it is an integer, else the IEEE double product rounded half away
/// from zero. `None` beyond +-10^20: such values take no part.
pub fn billionths(value: f64) -> Option<i128> {
    if !value.is_finite() || value.abs() > MAX_VALUE {
        return None;
    }
    if value.fract() == 0.0 {
        return Some(value as i128 * 1_000_000_000);
    }
    Some((value * 1e9).round() as i128)
}

#[cfg(test)]
mod tests {
    use super::billionths;

    #[test]
    fn values_in_billionths() {
        assert_eq!(billionths(3.0), Some(3_000_000_000));
        assert_eq!(billionths(-0.0), Some(0));
        assert_eq!(billionths(-1e-9), Some(-1));
        assert_eq!(billionths(4_503_599_627_370_497.0), Some(4_503_599_627_370_497_000_000_000));
        assert_eq!((billionths(0.5e-9), billionths(-0.5e-9), billionths(0.4e-9)), (Some(1), Some(-1), Some(0)));
        assert_eq!([0.1, 0.2].map(|value| billionths(value).unwrap()).iter().sum::<i128>(), billionths(0.3).unwrap());
    }

    #[test]
    fn values_beyond_the_limit_take_no_part() {
        assert_eq!(billionths(1e20), Some(100_000_000_000_000_000_000_000_000_000));
        assert_eq!(billionths(-1e20), Some(-100_000_000_000_000_000_000_000_000_000));
        assert_eq!([1.000_001e20, -2e20, f64::INFINITY, f64::NAN].map(billionths), [None; 4]);
    }
}
