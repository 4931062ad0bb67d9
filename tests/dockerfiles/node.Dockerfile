FROM registry.acme.example/lambda/nodejs:24@sha256:545ea538461003efdc8c81c244531b003f6f26cfccf6c0073b3239fdedf49446 AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/cache/npm npm ci --cache /cache/npm
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM registry.acme.example/lambda/nodejs:24@sha256:545ea538461003efdc8c81c244531b003f6f26cfccf6c0073b3239fdedf49446
COPY --from=build /app/dist ${LAMBDA_TASK_ROOT}/
COPY --from=build /app/node_modules ${LAMBDA_TASK_ROOT}/node_modules
CMD ["index.handler"]
