from registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876 as build
workdir /build
copy requirements.txt ./
run pip install --target /packages -r requirements.txt

From registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
Copy --from=build /packages/ /var/task/
copy app.py ./
Cmd ["app.handler"]
