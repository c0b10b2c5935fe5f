#![no_main]
//! Any text as a rule.

libfuzzer_sys::fuzz_target!(|written: &str| rollcall_fuzz::text(written));
