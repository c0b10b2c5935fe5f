//! A version of a table as something to query.
//!
//! The files are taken from the cached Delta state, so a query opens no commit log, and a query sees one version of each
//! table however long it runs. Files and row groups outside the asked-for positions and times are skipped by their ends.

use std::sync::Arc;

use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ColumnStatistics, ScalarValue, Statistics};
use datafusion::datasource::TableType;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::Result;
use datafusion::logical_expr::Expr;
use datafusion::physical_plan::ExecutionPlan;
use object_store::ObjectMeta;

use crate::tables::DataFile;

/// Files with the same columns, as a table.
#[derive(Debug)]
pub(crate) struct Scan {
    schema: SchemaRef,
    store_url: ObjectStoreUrl,
    files: Vec<DataFile>,
}

impl Scan {
    /// Columns of `schema` that a file lacks are null in it.
    pub(crate) fn new(schema: SchemaRef, store_url: ObjectStoreUrl, files: Vec<DataFile>) -> Scan {
        Scan { schema, store_url, files }
    }

    fn statistics_of(&self, file: &DataFile) -> Statistics {
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = usize::try_from(file.rows).map_or(Precision::Absent, Precision::Exact);
        for (position, field) in self.schema.fields().iter().enumerate() {
            let Some(&(least, greatest)) = file.ranges.get(field.name()) else { continue };
            let end = |value: i64| match field.data_type() {
                DataType::Timestamp(_, zone) => ScalarValue::TimestampMicrosecond(Some(value), zone.clone()),
                _ => ScalarValue::Int64(Some(value)),
            };
            if let Some(column) = statistics.column_statistics.get_mut(position) {
                *column = ColumnStatistics {
                    null_count: Precision::Exact(0),
                    min_value: Precision::Inexact(end(least)),
                    max_value: Precision::Inexact(end(greatest)),
                    ..ColumnStatistics::new_unknown()
                };
            }
        }
        statistics
    }

    /// The files in as many groups of about equal size as partitions are wanted.
    fn groups(&self, wanted: usize) -> Vec<FileGroup> {
        let mut groups: Vec<(u64, Vec<PartitionedFile>)> = vec![(0, Vec::new()); wanted.clamp(1, self.files.len().max(1))];
        for file in &self.files {
            let object = ObjectMeta {
                location: file.path.clone(),
                last_modified: Default::default(),
                size: file.size,
                e_tag: None,
                version: None,
            };
            let partitioned = PartitionedFile::new_from_meta(object).with_statistics(Arc::new(self.statistics_of(file)));
            if let Some((size, files)) = groups.iter_mut().min_by_key(|(size, _)| *size) {
                *size += file.size.max(1);
                files.push(partitioned);
            }
        }
        groups.into_iter().map(|(_, files)| FileGroup::new(files)).collect()
    }
}

#[async_trait]
impl TableProvider for Scan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let options = state.config_options().execution.parquet.clone();
        let source = ParquetSource::new(Arc::clone(&self.schema)).with_table_parquet_options(
            datafusion::common::config::TableParquetOptions { global: options, ..Default::default() },
        );
        let config = FileScanConfigBuilder::new(self.store_url.clone(), Arc::new(source))
            .with_file_groups(self.groups(state.config().target_partitions()))
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}
