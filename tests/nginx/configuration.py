"""What nginx is told, for a configuration of tests/e2e."""

import os
import re

_TEXT = """\
load_module {module};
daemon {daemon};
{user}
worker_processes {workers};
worker_shutdown_timeout 60s;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
{main}
events {{ worker_connections 4096; }}
http {{
  tollgate_config {config};
  {records}
  {state}
  log_format tollgate '$status $tollgate_request_id $tollgate_principal $tollgate_model '
    '$tollgate_target $tollgate_outcome $tollgate_input_tokens $tollgate_output_tokens '
    '$tollgate_cost_nano_usd';
  log_format worker '$request_method $pid';
  access_log {folder}/workers.log worker;
  access_log {folder}/access.log tollgate;
  {http}
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen {listen} sndbuf=128k;  # The kernel would take several megabytes for a slow reader.
    {tls}
    client_max_body_size 0;
    client_body_buffer_size 64k;
    location / {{ tollgate; }}
  }}
}}
"""


def nginx_configuration(module, config, folder, *, workers=2, main="", http="",
                        daemon=False):
    """Address, records and certificate come from the tollgate-server document of the file."""
    with open(config, encoding="utf-8") as file:
        text = file.read()

    def setting(pattern):
        found = re.search(pattern, text, re.M)
        return found.group(1).strip('"') if found else ""

    certificate, key = setting(r"cert_file: ([^,}\s]+)"), setting(r"key_file: ([^,}\s]+)")
    tls = f"ssl_certificate {certificate}; ssl_certificate_key {key};" if certificate else ""
    records = setting(r"^records: (\S+)")
    state = setting(r"^state: ([^{\s]+)") or setting(r"^state: {path: ([^,}]+)")
    durability = setting(r"^state: .*durability: (\w+)")
    if durability:
        state += f" durability={durability}"
    return _TEXT.format(
        module=module, config=config, folder=folder, workers=workers, main=main, http=http, tls=tls,
        daemon="on" if daemon else "off", user="" if os.getuid() else "user root;",
        listen=setting(r"^listen: (\S+)") + (" ssl http2" if tls else ""),
        state=f"tollgate_state {state};" if state else "",
        records=f"tollgate_records {records};" if records else "")
