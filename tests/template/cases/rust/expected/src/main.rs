//! The function: Lambda starts this program, and it answers one event after the other.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::{Value, json};

/// Greets the person that the query string names; API Gateway calls it for every request (payload format 2.0).
async fn handle(
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let request = event.payload;
    let method = request.request_context.http.method;
    tracing::info!(%method, path = request.raw_path, "request received");
    let query = request.query_string_parameters;
    let name = query.first("name").unwrap_or("world");
    if name.chars().count() > 100 {
        let body = json!({"error": "a name has at most 100 characters"});
        return respond(400, body);
    }
    let body = json!({"greeting": format!("Hello, {name}!")});
    respond(200, body)
}

/// Gives the answer the shape that API Gateway wants: the body is a string.
fn respond(status: i64, body: Value) -> Result<ApiGatewayV2httpResponse, Error> {
    let json = "application/json".parse()?;
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = status;
    answer.headers.insert("content-type", json);
    answer.body = Some(body.to_string().into());
    Ok(answer)
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    run(service_fn(handle)).await
}

#[cfg(test)]
mod tests;
