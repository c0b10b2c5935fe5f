use datafusion::prelude::SessionContext;

/// The value of an expression, as text.
async fn value(expression: &str) -> String {
    let session = SessionContext::new();
    super::register(&session);
    let batches = session.sql(&format!("SELECT CAST({expression} AS VARCHAR) AS v")).await.unwrap().collect().await.unwrap();
    arrow::util::display::array_value_to_string(batches[0].column(0), 0).unwrap()
}

#[tokio::test]
async fn literals() {
    for (expression, expected) in [
        ("zone_day(instant(1763682000000000), 'Europe/Berlin')", "2025-11-21"),
        ("zone_day(instant(1763682000000000), 'UTC')", "2025-11-20"),
        ("day_start(day(0), 'Europe/Berlin')", "1969-12-31T23:00:00Z"),
        ("month_day(day(59))", "301"),
        ("day(-1)", "1969-12-31"),
        ("billionths(0.1)", "100000000"),
        ("billionths(2e20)", ""),
        ("times(billionths(1e20), 3)", "300000000000000000000000000000"),
        ("times(CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)), 5)", "99999999999999999999999999999999999999"),
        ("fold('Straße')", "strasse"),
        ("matches('abc', 'B')", "false"),
        ("matches('abc', '(?i)B')", "true"),
        ("fold(NULL)", ""),
    ] {
        assert_eq!(value(expression).await, expected, "{expression}");
    }
}
