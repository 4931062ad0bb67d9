FROM registry.acme.example/lambda/nodejs:24@sha256:545ea538461003efdc8c81c244531b003f6f26cfccf6c0073b3239fdedf49446 AS Dependencies
COPY package*.json ./
RUN npm ci

FROM Dependencies AS Build
COPY . .
RUN npm run build

FROM registry.acme.example/lambda/nodejs:24@sha256:545ea538461003efdc8c81c244531b003f6f26cfccf6c0073b3239fdedf49446
COPY --from=Build /var/task/dist /var/task/
COPY --from=Dependencies /var/task/node_modules /var/task/node_modules/
CMD ["index.handler"]
