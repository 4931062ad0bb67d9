use super::*;
use lambda_runtime::Context;
use std::collections::HashMap;

/// An event, from its JSON.
fn event<T: serde::de::DeserializeOwned>(text: &str) -> LambdaEvent<T> {
    LambdaEvent::new(serde_json::from_str(text).unwrap(), Context::default())
}

#[tokio::test]
async fn greets_the_person_that_the_query_string_names() {
    let sample = event(include_str!("../events/api-gateway-http.json"));
    let answer = handle(sample).await.unwrap();
    assert_eq!(answer.status_code, 200);
    let body = r#"{"greeting":"Hello, Ada!"}"#.to_string();
    assert_eq!(answer.body, Some(body.into()));
}

#[tokio::test]
async fn greets_the_world_without_a_query_string() {
    let request = LambdaEvent::new(ApiGatewayV2httpRequest::default(), Context::default());
    let answer = handle(request).await.unwrap();
    let body = r#"{"greeting":"Hello, world!"}"#.to_string();
    assert_eq!(answer.body, Some(body.into()));
}

#[tokio::test]
async fn refuses_a_name_that_is_too_long() {
    let query = HashMap::from([("name".to_string(), vec!["A".repeat(101)])]);
    let mut request = ApiGatewayV2httpRequest::default();
    request.query_string_parameters = query.into();
    let request = LambdaEvent::new(request, Context::default());
    let answer = handle(request).await.unwrap();
    assert_eq!(answer.status_code, 400);
}
