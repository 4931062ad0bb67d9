# maintainer = growth@acme.example
# vim: ft=dockerfile
FROM registry.acme.example/lambda/python:3.13@sha256:ca7138b420e4ef76a336252b6a121c7681dc6a9f64f433fbcbc3d32c2c84b876
RUN set -eux; \

    # The fonts of the reports,
    mkdir -p /opt/fonts; \

    touch /opt/fonts/a.ttf &&\
    echo done   
RUN echo a \ 
    && echo b \	
    && echo c
ENV A=1 \
    B=2 \
    
    C=3
COPY app.py /var/task/
CMD ["app.handler"]
