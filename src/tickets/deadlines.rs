//! Which deadline an event names.

use serde_json::Value;

use super::status::{Act, Step};
use crate::db::Time;

/// The deadline before and after, as far as an event sets them: those of the submission are one. 挂账 names when it is looked
/// at again, and an alarm the limit that it rang for: neither sets one.
pub fn named(act: &str, data: &str) -> (Option<Time>, Option<Time>) {
    if act == Step::Suspend.word() || !data.contains("\"due_at\"") {
        return (None, None);
    }
    let data: Value = serde_json::from_str(data).unwrap_or_default();
    let time = |value: &Value| serde_json::from_value(value.clone()).ok();
    match &data["due_at"] {
        Value::Array(pair) => (pair.first().and_then(time), pair.last().and_then(time)),
        only if act == Act::Submit.word() => (time(only), time(only)),
        _ => (None, None),
    }
}
