-- What an organisation wants the addresses of its own things to lead to, beside what is here.
CREATE TABLE resolver_link (
    org        INTEGER NOT NULL,
    canonical  TEXT NOT NULL,
    link_type  TEXT NOT NULL,
    lang       TEXT NOT NULL,
    media      TEXT NOT NULL,
    href       TEXT NOT NULL,
    title      TEXT NOT NULL,
    PRIMARY KEY (canonical, org, link_type, lang, media)
) STRICT, WITHOUT ROWID;
