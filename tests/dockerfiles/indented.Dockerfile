# Builds the packages
    # in a stage of their own.
FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876 AS build
	RUN pip install \
		--target /packages \
		requests==2.32.3
FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
  COPY --from=build /packages/ /var/task/
  LABEL	team="growth"   tier="2"
  CMD	["app.handler"]
