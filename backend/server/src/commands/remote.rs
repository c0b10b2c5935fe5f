//! A running server, asked over HTTP with an API key.

use std::fmt;

use anyhow::Context as _;
use reqwest::{Client, Method, RequestBuilder, Response};
use rollcall_app::error::AppError;
use serde_json::Value;

/// What was refused, whether a server or the data folder did.
#[derive(Debug)]
pub struct Refused {
    /// Stable code.
    pub code: String,
    /// What happened, and what to do.
    pub detail: String,
    /// Faults with their places, as the API gives them.
    pub errors: Vec<Value>,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.detail, self.code)
    }
}

impl std::error::Error for Refused {}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        let errors = error.faults.iter().filter_map(|fault| serde_json::to_value(fault).ok()).collect();
        Self { code: rollcall_app::error::code_of(&error.code), detail: error.detail, errors }
    }
}

/// The JSON of an answer.
///
/// # Errors
/// [`Refused`] if the server refused.
pub async fn answer(response: Response) -> anyhow::Result<Value> {
    let status = response.status();
    let bytes = response.bytes().await?;
    let body: Value = serde_json::from_slice(&bytes).with_context(|| format!("the server answered {status} without JSON"))?;
    if status.is_success() {
        return Ok(body);
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let detail = if text("detail").is_empty() { format!("the server refused with {status}") } else { text("detail") };
    Err(Refused { code: text("code"), detail, errors: body["errors"].as_array().cloned().unwrap_or_default() }.into())
}

/// A server and the key to it.
pub struct Remote {
    client: Client,
    base: String,
    key: String,
}

impl Remote {
    pub fn new(url: &str, key: &str) -> Remote {
        Remote { client: Client::new(), base: url.trim_end_matches('/').to_owned(), key: key.to_owned() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.key)
    }

    async fn sent(&self, request: RequestBuilder) -> anyhow::Result<Response> {
        request.send().await.with_context(|| format!("asking {}", self.base))
    }

    /// The answer to a question without a body.
    pub async fn get(&self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Value> {
        answer(self.sent(self.request(Method::GET, path).query(query)).await?).await
    }

    /// The answer to a JSON body, or to none.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(serde_json::to_vec(body)?);
        }
        answer(self.sent(request).await?).await
    }

    /// The answer to a question for a file; its bytes are still to be read.
    pub async fn download(&self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Response> {
        let response = self.sent(self.request(Method::GET, path).query(query)).await?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(answer(response).await.err().unwrap_or_else(|| anyhow::anyhow!("the server gave no file")))
    }
}
