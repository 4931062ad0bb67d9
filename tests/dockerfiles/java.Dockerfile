FROM registry.acme.example/lambda/java:25@sha256:38a0963a6364b09ad867aa9a66c6d009673c21e182015461da236ec361877f77 AS build
COPY gradlew build.gradle settings.gradle ./
COPY gradle gradle
COPY src src
RUN ./gradlew --no-daemon build && mkdir -p deps && cp build/libs/*.jar deps/
FROM registry.acme.example/lambda/java:25@sha256:38a0963a6364b09ad867aa9a66c6d009673c21e182015461da236ec361877f77
COPY --from=build /var/task/deps/ ${LAMBDA_TASK_ROOT}/lib/
CMD ["example.App::handleRequest"]
