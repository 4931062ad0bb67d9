FROM registry.acme.example/build/golang:1.26@sha256:4cd0e21a9a0795a14ec9aa5f0e7d1abff0492565770e43eafdf1e3e8afed1f33 AS build
ARG VERSION=dev
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -tags lambda.norpc -ldflags="-s -w -X main.version=${VERSION}" -o /out/bootstrap .

FROM registry.acme.example/lambda/provided:al2023@sha256:da7241946d2eb066072502d39976ddb3c0628f2c125095d2cde17e02a1365309
COPY --from=build /out/bootstrap /var/runtime/bootstrap
CMD ["bootstrap"]
