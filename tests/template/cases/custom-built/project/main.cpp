// Answers Lambda's runtime API over plain sockets, with nothing but the C library.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

namespace {

std::string exchange(const std::string& method, const std::string& path, const std::string& body) {
    const std::string api = std::getenv("AWS_LAMBDA_RUNTIME_API");
    const auto colon = api.find(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(std::stoi(api.substr(colon + 1))));
    inet_pton(AF_INET, api.substr(0, colon).c_str(), &address.sin_addr);
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::exit(1);
    const std::string request = method + " /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: " + api +
                                "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
                                "\r\n\r\n" + body;
    if (write(connection, request.data(), request.size()) < 0) std::exit(1);
    std::string answer;
    char buffer[4096];
    for (ssize_t count; (count = read(connection, buffer, sizeof buffer)) > 0;) answer.append(buffer, count);
    close(connection);
    return answer;
}

std::string after(const std::string& text, const std::string& start, const std::string& end) {
    const auto found = text.find(start);
    if (found == std::string::npos) return "";
    const auto begin = found + start.size();
    return text.substr(begin, text.find(end, begin) - begin);
}

}  // namespace

int main() {
    for (;;) {
        const std::string event = exchange("GET", "invocation/next", "");
        const std::string id = after(event, "Lambda-Runtime-Aws-Request-Id: ", "\r");
        const std::string name = after(event, "\"name\": \"", "\"");
        if (name == "nobody") {
            exchange("POST", "invocation/" + id + "/error", R"({"errorMessage": "nobody to greet", "errorType": "Nobody"})");
        } else {
            exchange("POST", "invocation/" + id + "/response", R"({"greeting": "Hello, )" + name + R"(!"})");
        }
    }
}
