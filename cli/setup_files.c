/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/setup_files.h"

/* The socket that the web server and tor speak to: of one group, and on no network. */
#define SOCKET "/run/oilskin/drop.sock"
#define DESK "127.0.0.1:8090"

static void write_config(FILE *file, const OskSetup *setup)
{
    fprintf(file,
            "# oilskin.conf(5) explains each line. After a change: systemctl reload oilskin\n"
            "[drop]\n"
            "operator = %s\n"
            "readers = %s\n"
            "contact = %s\n"
            "keep_days = %u\n"
            "# The onion address, once tor has made it (see README.txt):\n"
            "onion =\n",
            setup->operator_name, setup->readers, setup->contact, setup->keep_days);
    for (size_t i = 0; i < setup->key_count; i++) {
        fprintf(file, "recipient = %s\n", setup->keys[i]);
    }
    fprintf(
        file,
        "\n"
        "# Where reviewers look at what came, on this machine alone; `ssh -N -L` reaches it from "
        "theirs.\n"
        "# Without these two lines there is no desk, and no key here by which copies are found.\n"
        "[desk]\n"
        "listen = " DESK "\n"
        "\n"
        "[server]\n"
        "listen = unix:" SOCKET "\n"
        "metrics = 127.0.0.1:9090\n"
        "behind_proxy = yes\n"
        "data = %s\n",
        setup->data);
}

/* Source of the options: systemd.exec(5). What is not needed is taken away. */
static void write_unit(FILE *file, const OskSetup *setup)
{
    fprintf(file,
            "[Unit]\n"
            "Description=Oilskin drop\n"
            "After=network.target\n"
            "\n"
            "[Service]\n"
            "ExecStart=%s serve --config /etc/oilskin/oilskin.conf\n"
            "ExecReload=/bin/kill -HUP $MAINPID\n"
            "User=oilskin\n"
            "Group=oilskin\n"
            "StateDirectory=oilskin\n"
            "StateDirectoryMode=0700\n"
            "RuntimeDirectory=oilskin\n"
            "RuntimeDirectoryMode=0750\n"
            "Restart=on-failure\n"
            "# Uploads in flight are closed at a durable offset first.\n"
            "TimeoutStopSec=60\n"
            "# Keys and texts stay in memory that is never swapped out or dumped.\n"
            "LimitMEMLOCK=256M\n"
            "LimitCORE=0\n"
            "LimitNOFILE=20000\n"
            "# Who writes at what second is nobody's business.\n"
            "StandardOutput=null\n"
            "StandardError=journal\n"
            "\n"
            "NoNewPrivileges=yes\n"
            "ProtectSystem=strict\n"
            "ProtectHome=yes\n"
            "PrivateTmp=yes\n"
            "PrivateDevices=yes\n"
            "ProtectKernelTunables=yes\n"
            "ProtectKernelModules=yes\n"
            "ProtectKernelLogs=yes\n"
            "ProtectControlGroups=yes\n"
            "ProtectClock=yes\n"
            "ProtectHostname=yes\n"
            "ProtectProc=invisible\n"
            "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n"
            "IPAddressDeny=any\n"
            "IPAddressAllow=localhost\n"
            "RestrictRealtime=yes\n"
            "RestrictSUIDSGID=yes\n"
            "LockPersonality=yes\n"
            "MemoryDenyWriteExecute=yes\n"
            "SystemCallArchitectures=native\n"
            "CapabilityBoundingSet=\n"
            "AmbientCapabilities=\n"
            "UMask=0077\n"
            "\n"
            "[Install]\n"
            "WantedBy=multi-user.target\n",
            setup->program);
}

/* Streams bodies on as they come, keeps no log and no temporary file, and lets the drop itself end
 * what is too slow. */
static void write_nginx(FILE *file, const OskSetup *setup)
{
    fprintf(file,
            "# /etc/nginx/sites-available/oilskin; certificates: certbot --nginx -d %s\n"
            "upstream oilskin {\n"
            "    server unix:" SOCKET ";\n"
            "    keepalive 64;\n"
            "}\n"
            "\n"
            "server {\n"
            "    listen 80;\n"
            "    listen [::]:80;\n"
            "    server_name %s;\n"
            "    access_log off;\n"
            "    error_log /dev/null crit;\n"
            "    return 301 https://$host$request_uri;\n"
            "}\n"
            "\n"
            "server {\n"
            "    listen 443 ssl http2;\n"
            "    listen [::]:443 ssl http2;\n"
            "    server_name %s;\n"
            "    ssl_certificate /etc/letsencrypt/live/%s/fullchain.pem;\n"
            "    ssl_certificate_key /etc/letsencrypt/live/%s/privkey.pem;\n"
            "\n"
            "    # No line says who came, and when.\n"
            "    access_log off;\n"
            "    error_log /dev/null crit;\n"
            "\n"
            "    keepalive_requests 10000;\n"
            "    client_max_body_size 0;\n"
            "    client_body_timeout 120s;\n"
            "\n"
            "    location / {\n"
            "        proxy_pass http://oilskin;\n"
            "        proxy_http_version 1.1;\n"
            "        proxy_set_header Connection \"\";\n"
            "        proxy_set_header Host $host;\n"
            "        # What names a sender is not passed on.\n"
            "        proxy_set_header User-Agent \"\";\n"
            "        proxy_set_header Referer \"\";\n"
            "        proxy_set_header Cookie \"\";\n"
            "        proxy_set_header X-Forwarded-For \"\";\n"
            "        proxy_set_header X-Real-IP \"\";\n"
            "        proxy_set_header Forwarded \"\";\n"
            "        proxy_request_buffering off;\n"
            "        proxy_buffering off;\n"
            "        proxy_max_temp_file_size 0;\n"
            "        proxy_read_timeout 900s;\n"
            "        proxy_send_timeout 120s;\n"
            "    }\n"
            "}\n",
            setup->site, setup->site, setup->site, setup->site, setup->site);
}

static void write_caddy(FILE *file, const OskSetup *setup)
{
    fprintf(file,
            "# /etc/caddy/Caddyfile. No site has a `log` line, and what failed is told nowhere,\n"
            "# since Caddy would name the sender and the path.\n"
            "{\n"
            "    log {\n"
            "        exclude http\n"
            "    }\n"
            "}\n"
            "\n"
            "%s {\n"
            "    reverse_proxy unix/" SOCKET " {\n"
            "        flush_interval -1\n"
            "        header_up -User-Agent\n"
            "        header_up -Referer\n"
            "        header_up -Cookie\n"
            "        header_up -X-Forwarded-For\n"
            "        header_up -X-Real-IP\n"
            "        header_up -Forwarded\n"
            "        header_up -X-Forwarded-Proto\n"
            "        header_up -X-Forwarded-Host\n"
            "        # What the drop says of a page is what arrives: nothing is unpacked.\n"
            "        transport http {\n"
            "            compression off\n"
            "        }\n"
            "    }\n"
            "}\n",
            setup->site);
}

/* Proof of work is tor's own: a flood pays, a person does not notice. */
static void write_torrc(FILE *file, const OskSetup *setup)
{
    (void)setup;
    fputs("# Add to /etc/tor/torrc\n"
          "HiddenServiceDir /var/lib/tor/oilskin/\n"
          "HiddenServiceVersion 3\n"
          "HiddenServicePort 80 unix:" SOCKET "\n"
          "HiddenServicePoWDefensesEnabled 1\n"
          "HiddenServiceExportCircuitID none\n"
          "SafeLogging 1\n",
          file);
}

static void write_readme(FILE *file, const OskSetup *setup)
{
    fprintf(
        file,
        "How this drop is opened, once, as root:\n"
        "\n"
        "1. A user of its own, and its configuration:\n"
        "     adduser --system --group --home %s oilskin\n"
        "     install -D -m 0640 -g oilskin oilskin.conf /etc/oilskin/oilskin.conf\n"
        "     install -m 0644 oilskin.service /etc/systemd/system/oilskin.service\n"
        "\n"
        "2. Try each key, so that none of them turns out to be lost when it is needed:\n"
        "     runuser -u oilskin -- %s desk open %s FILE-OF-THE-KEY\n"
        "     runuser -u oilskin -- %s desk open %s --recovery\n"
        "   If the keys must not touch this machine: take the files %s/opening/*.age to the\n"
        "   desk's machine, run `oilskin desk open` on a copy of that folder there, and bring\n"
        "   the files *.opened back. They hold no secret.\n"
        "\n"
        "3. The web server: %s. Let it and tor speak to the drop's socket:\n"
        "     adduser www-data oilskin; adduser debian-tor oilskin\n"
        "\n"
        "4. The onion address: add the lines of torrc to /etc/tor/torrc, restart tor, and copy\n"
        "   /var/lib/tor/oilskin/hostname into the line `onion =` of the configuration.\n"
        "\n"
        "5. systemctl enable --now oilskin, then: %s doctor --config "
        "/etc/oilskin/oilskin.conf\n"
        "\n"
        "6. The desk, for who reads: this prints what follows its address, once and for three "
        "days:\n"
        "     runuser -u oilskin -- %s desk first-link %s\n"
        "   On the reader's machine: ssh -N -L 8090:" DESK " THIS-MACHINE\n"
        "   and open http://" DESK "/#first=... there.\n",
        setup->data, setup->program, setup->data, setup->program, setup->data, setup->data,
        setup->site[0] != 0 ? "nginx.conf or Caddyfile, one of them"
                            : "none; you chose an onion address alone",
        setup->program, setup->program, setup->data);
}

const OskSetupFile osk_setup_files[] = {
    { .name = "oilskin.conf", .write = write_config },
    { .name = "oilskin.service", .write = write_unit },
    { .name = "nginx.conf", .write = write_nginx, .needs_site = true },
    { .name = "Caddyfile", .write = write_caddy, .needs_site = true },
    { .name = "torrc", .write = write_torrc },
    { .name = "README.txt", .write = write_readme },
    { .name = NULL },
};
