# shellcheck shell=sh
# bootstrap calls a function with the event on standard input. What it writes to standard output is the answer, standard
# error is the log, and an exit status other than 0 is an error.

# Greet whom the query string names.
handler() {
    # Good enough for one parameter: a program such as jq reads any.
    name=$(sed -n 's/.*"rawQueryString": *"\([^"]*\)".*/\1/p' | tr '&' '\n' | sed -n 's/^name=//p')
    echo "request received" >&2
    printf '{"statusCode": 200, "headers": {"content-type": "application/json"}, "body": "%s"}\n' \
        "{\\\"greeting\\\": \\\"Hello, ${name:-world}!\\\"}"
}
