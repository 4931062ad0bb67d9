# The base of all contenders: pip installs from a directory, so no benchmark measures the network.
ARG BASE
FROM ${BASE}
COPY . /opt/wheels/
RUN printf '[global]\nno-index = true\nfind-links = /opt/wheels\n' >/etc/pip.conf && chmod -R a+rX /opt/wheels
