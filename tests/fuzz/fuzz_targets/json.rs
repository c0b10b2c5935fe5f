#![no_main]
//! Any JSON as a rule.

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(rule) = serde_json::from_slice(bytes) {
        rollcall_fuzz::rule(&rule);
    }
});
