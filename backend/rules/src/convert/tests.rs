use serde_json::json;

use super::*;

#[test]
fn texts_that_are_numbers() {
    for (written, number) in [("3", 3.0), ("-2.5", -2.5), ("0", 0.0), ("0.1", 0.1), ("9007199254740992", 9007199254740992.0)] {
        assert_eq!(convert(&json!(written), ValueType::Number), Ok(Value::Number(number)), "{written}");
        assert_eq!(convert(&json!(number), ValueType::String), Ok(Value::String(written.to_owned())), "{written}");
    }
}

#[test]
fn texts_that_are_not_numbers() {
    for written in [
        "03",
        "3.0",
        "1e3",
        " 3",
        "3 ",
        "+3",
        "-0",
        ".5",
        "5.",
        "",
        "-",
        "NaN",
        "inf",
        "Infinity",
        "1_000",
        "0x10",
        "1,5",
        "--1",
        "9007199254740993",
        "\u{0663}",
    ] {
        assert!(convert(&json!(written), ValueType::Number).is_err(), "{written}");
    }
}

#[test]
fn truth_is_no_number() {
    assert!(convert(&json!(1), ValueType::Boolean).is_err());
    assert!(convert(&json!("1"), ValueType::Boolean).is_err());
    assert!(convert(&json!("TRUE"), ValueType::Boolean).is_err());
    assert!(convert(&json!(true), ValueType::Number).is_err());
    assert_eq!(convert(&json!("true"), ValueType::Boolean), Ok(Value::Boolean(true)));
    assert_eq!(convert(&json!(false), ValueType::String), Ok(Value::String("false".to_owned())));
}

#[test]
fn instants_and_days_stay_apart() {
    assert_eq!(convert(&json!("1970-01-01T01:00:00+01:00"), ValueType::DateTime), Ok(Value::DateTime(Instant(0))));
    assert_eq!(convert(&json!("1970-01-02"), ValueType::Date), Ok(Value::Date(Day(1))));
    assert_eq!(convert(&json!("1970-01-02"), ValueType::DateTime), Err(ConvertError::BadDateTime));
    assert_eq!(convert(&json!("1970-01-02T00:00:00Z"), ValueType::Date), Err(ConvertError::BadDate));
    assert!(convert(&json!(0), ValueType::DateTime).is_err());
    assert!(convert(&json!(0), ValueType::Date).is_err());
}

#[test]
fn lists_convert_by_element() {
    assert_eq!(convert(&json!(["1", 2]), ValueType::NumberList), Ok(Value::NumberList(vec![1.0, 2.0])));
    assert_eq!(
        convert(&json!(["a", 2, true]), ValueType::StringList),
        Ok(Value::StringList(vec!["a".into(), "2".into(), "true".into()]))
    );
    assert!(convert(&json!("a"), ValueType::StringList).is_err());
    assert!(convert(&json!(1), ValueType::NumberList).is_err());
    assert!(convert(&json!(["a", null]), ValueType::StringList).is_err());
    assert!(convert(&json!(["a"]), ValueType::String).is_err());
    assert_eq!(convert(&json!([]), ValueType::NumberList), Ok(Value::NumberList(vec![])));
}

#[test]
fn objects_are_compact_json() {
    assert_eq!(convert(&json!({"b": 1, "a": [null]}), ValueType::Object), Ok(Value::Object(r#"{"b":1,"a":[null]}"#.to_owned())));
    assert!(convert(&json!("a"), ValueType::Object).is_err());
}

#[test]
fn large_integers() {
    let lossy: Json = serde_json::from_str("9007199254740993").unwrap();
    assert_eq!(convert(&lossy, ValueType::Number), Err(ConvertError::LossyInteger));
    assert_eq!(convert(&lossy, ValueType::String), Ok(Value::String("9007199254740993".to_owned())));
    assert_eq!(infer(&lossy), Err(ConvertError::LossyInteger));
    assert_eq!(infer(&json!([lossy])), Err(ConvertError::LossyInteger));
    let exact: Json = serde_json::from_str("9007199254740994").unwrap();
    assert_eq!(convert(&exact, ValueType::Number), Ok(Value::Number(9007199254740994.0)));
    assert_eq!(convert(&json!(u64::MAX), ValueType::Number), Err(ConvertError::LossyInteger));
    assert_eq!(convert(&json!(i64::MIN), ValueType::Number), Ok(Value::Number(-9223372036854775808.0)));
}

#[test]
fn negative_zero_is_zero() {
    let Ok(Value::Number(zero)) = convert(&json!(-0.0), ValueType::Number) else { panic!("a number") };
    assert!(zero.is_sign_positive());
    assert_eq!(convert(&json!(-0.0), ValueType::String), Ok(Value::String("0".to_owned())));
}

#[test]
fn what_json_shows() {
    assert_eq!(infer(&json!(null)), Ok(None));
    for (json, shown) in [
        (json!("2026-01-01"), ValueType::String),
        (json!(1.5), ValueType::Number),
        (json!(true), ValueType::Boolean),
        (json!([]), ValueType::StringList),
        (json!(["a"]), ValueType::StringList),
        (json!([1, 2.5]), ValueType::NumberList),
        (json!([1, "a"]), ValueType::Object),
        (json!([null]), ValueType::Object),
        (json!([true]), ValueType::Object),
        (json!([{}]), ValueType::Object),
        (json!({}), ValueType::Object),
    ] {
        let (of, value) = infer(&json).unwrap().unwrap();
        assert_eq!(of, shown, "{json}");
        assert_eq!(value.value_type(), shown, "{json}");
    }
}

#[test]
fn errors_do_not_show_the_value() {
    let error = convert(&json!("secret@example.org"), ValueType::Number).unwrap_err();
    assert_eq!(error.to_string(), "a text cannot be taken as a number without loss");
}
