//! The stored form of a catalogue's rows: Zstandard over `{"format":1,"attributes":{name:type},"rows":[{"key",...}]}`.
//!
//! Another form gets another number; old ones stay readable, because builds of the past are recounted with them.

use std::collections::BTreeMap;

use rollcall_rules::{Catalogue, CatalogueVersion, ValueType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::row_json;

const FORMAT: u8 = 1;

/// A catalogue that cannot be packed or unpacked.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Compression.
    #[error("compression: {0}")]
    Io(#[from] std::io::Error),
    /// JSON.
    #[error("JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// Packed by a newer version.
    #[error("the rows have format {0}, which this version does not know")]
    Format(u8),
    /// A row that was taken once is not taken again.
    #[error("the row at {0} cannot be taken: {1}")]
    Row(usize, String),
}

#[derive(Serialize, Deserialize)]
struct Packed {
    format: u8,
    attributes: BTreeMap<String, ValueType>,
    rows: Vec<Map<String, Json>>,
}

/// The stored form.
///
/// # Errors
/// Compression fails.
pub fn pack(catalogue: &Catalogue) -> Result<Vec<u8>, PackError> {
    let rows = catalogue.rows.iter().map(|(key, row)| row_json(key, row)).collect();
    let packed = Packed { format: FORMAT, attributes: catalogue.attributes.clone(), rows };
    Ok(zstd::encode_all(serde_json::to_vec(&packed)?.as_slice(), 3)?)
}

/// The catalogue of a stored form.
///
/// # Errors
/// It is not one, or a newer one.
pub fn unpack(bytes: &[u8], version: CatalogueVersion) -> Result<Catalogue, PackError> {
    let packed: Packed = serde_json::from_reader(std::io::BufReader::new(zstd::Decoder::new(bytes)?))?;
    if packed.format != FORMAT {
        return Err(PackError::Format(packed.format));
    }
    let mut catalogue = Catalogue { version, attributes: packed.attributes, ..Catalogue::default() };
    for (index, row) in packed.rows.iter().enumerate() {
        catalogue.put(row, &BTreeMap::new()).map_err(|fault| PackError::Row(index, fault.detail))?;
    }
    Ok(catalogue)
}
