#ifndef SUYUAN_PAGES_STYLE_H
#define SUYUAN_PAGES_STYLE_H

/* The one stylesheet, inline on every page, so that a page is one request.  Its hash stands in the Content-Security-Policy. */
static const char *const page_style[] = {
        ":root{--g:#14683a;--d:#0e4f2b;--ink:#1b2620;--soft:#4d5a52;--line:#d9e0db;--pale:#eef5f0;--amber:#7a4a00;--apale:#fff4dd;--red:#a3161d;--rpale:#fdeaea}",
        "*{box-sizing:border-box}html{-webkit-text-size-adjust:100%}",
        "body{margin:0;background:#f3f5f2;color:var(--ink);font:17px/1.7 system-ui,-apple-system,\"PingFang SC\",\"HarmonyOS Sans SC\",MiSans,\"Noto Sans CJK SC\",\"Microsoft YaHei\",sans-serif;overflow-wrap:anywhere}",
        ":lang(zh-Hant) body,body:lang(zh-Hant){font-family:system-ui,-apple-system,\"PingFang HK\",\"Noto Sans CJK HK\",\"Microsoft JhengHei\",sans-serif}",
        "a{color:var(--g);text-underline-offset:3px}h1,h2,h3,p,ol,ul,dl,dd,figure,table{margin:0;padding:0}",
        "header{background:linear-gradient(160deg,#1a7a45,var(--d));color:#fff;padding:14px 20px 64px}header>*{max-width:720px;margin-inline:auto}main,footer{max-width:760px;margin-inline:auto}",
        "nav{display:flex;justify-content:flex-end;gap:4px;flex-wrap:wrap}nav a{color:#fff;min-height:44px;padding:8px 10px;display:inline-flex;align-items:center}nav a[aria-current]{font-weight:700;text-decoration:none;border-bottom:3px solid #bfe6cd}",
        "h1{font-size:28px;line-height:1.3;margin-top:8px}.sub{font-size:17px;color:#e3f3e9;margin-top:4px}.demo{display:table;margin:8px 0 0 max(0px,50% - 360px);padding:2px 10px;border:1px solid #a9d8bb;border-radius:20px;font-size:15px;color:#e3f3e9}",
        ".skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:#fff;padding:10px;z-index:9}",
        "main{padding:0 12px 24px;margin-top:-44px}",
        ".card{background:#fff;border-radius:16px;padding:20px;margin-bottom:14px;box-shadow:0 1px 3px rgb(0 0 0/.09)}h2{font-size:21px;line-height:1.4;margin-bottom:12px}",
        ".v{display:flex;gap:16px;align-items:flex-start}.v svg{flex:none;width:60px;height:60px}.v h2{font-size:23px;margin:0}.v p{color:var(--soft)}",
        ".clear h2{color:var(--g)}.part{border-top:6px solid #d99a1c}.part h2{color:var(--amber)}.bad{background:var(--red);color:#fff}.bad h2{color:#fff;font-size:26px}.bad p{color:#fff}.bad a{color:#fff}",
        ".n{display:grid;grid-template-columns:repeat(3,1fr);gap:10px;margin-top:18px}.n div{background:var(--pale);border-radius:12px;padding:12px 6px;text-align:center;display:flex;flex-direction:column-reverse;justify-content:flex-end}",
        ".n dd{font-size:27px;font-weight:700;line-height:1.25;font-variant-numeric:tabular-nums}.n dd small{font-size:16px;font-weight:400;margin-left:2px}.n dt{font-size:15px;line-height:1.45;color:var(--soft)}.n .no{background:var(--apale)}.n .no dd{font-size:18px;color:var(--amber);line-height:1.9}.n .ko{background:var(--rpale)}.n .ko dd{color:var(--red)}",
        ".bad .n dt{color:var(--soft)}.bad .n dd{color:var(--ink)}.bad .n .ko dd{color:var(--red)}.bad .n .no dd{color:var(--amber)}",
        ".t{list-style:none}.t li{position:relative;padding:0 0 18px 40px;border-left:3px solid #c4ddcd;margin-left:11px}.t li:last-child{border-color:transparent;padding-bottom:0}",
        ".t li::before{content:\"\";position:absolute;left:-10px;top:5px;width:17px;height:17px;border-radius:50%;background:var(--g);border:3px solid #fff;box-shadow:0 0 0 2px var(--g)}",
        ".t .warn::before{background:#d99a1c;box-shadow:0 0 0 2px #d99a1c}.t .ko::before{background:var(--red);box-shadow:0 0 0 2px var(--red)}",
        ".t .y{border:0;padding:2px 0 10px;margin-left:0;font-weight:700;color:var(--soft)}.t .y::before{display:none}",
        ".e{display:flex;justify-content:space-between;gap:10px;align-items:baseline;flex-wrap:wrap}.t h3{font-size:18px;line-height:1.5}.t time{color:var(--soft);font-size:16px;font-variant-numeric:tabular-nums;white-space:nowrap}",
        ".t p{font-size:16px;line-height:1.65}.w{color:var(--soft)}.old{text-decoration:line-through;color:var(--soft)}.tag{display:inline-block;border-radius:6px;padding:0 8px;font-size:15px;background:var(--pale);color:var(--d)}.tag.no{background:var(--apale);color:var(--amber)}.tag.ko{background:var(--rpale);color:var(--red)}",
        ".ph{display:flex;gap:8px;overflow-x:auto;margin-top:8px}.ph img{width:200px;height:150px;object-fit:cover;border-radius:10px;background:var(--pale);flex:none}",
        "table{width:100%;border-collapse:collapse;font-size:16px}th{text-align:left;font-weight:600;color:var(--soft);font-size:15px}th,td{padding:8px 6px 8px 0;border-bottom:1px solid var(--line);vertical-align:top}td.q{font-variant-numeric:tabular-nums}td time{white-space:nowrap}",
        ".g{list-style:none;display:grid;gap:8px}.g li{background:var(--apale);color:var(--amber);border-left:6px solid #d99a1c;border-radius:8px;padding:8px 12px}.g b{margin-right:8px}.note{color:var(--soft);font-size:16px;margin-top:10px}",
        "footer{padding:6px 20px 40px;color:var(--soft);font-size:16px}footer p{margin-bottom:8px}footer a,.links a{display:inline-block;padding:6px 0;min-height:40px}",
        "details summary{cursor:pointer;min-height:44px;padding:8px 0;color:var(--g)}",
        "form{display:flex;gap:10px;flex-wrap:wrap}input{flex:1 1 220px;min-width:0;font:inherit;padding:10px 14px;border:2px solid #74857b;border-radius:10px;min-height:52px}button{font:inherit;font-weight:700;min-height:52px;padding:8px 26px;border:0;border-radius:10px;background:var(--g);color:#fff;cursor:pointer}label{flex:1 0 100%;font-weight:600}",
        ":focus-visible{outline:3px solid #e0a100;outline-offset:2px}",
        ".s{list-style:none;display:grid;gap:12px}.s a{display:block;text-decoration:none;background:var(--pale);border-radius:12px;padding:14px 16px;border-left:6px solid var(--g)}.s b{display:block;font-size:19px;color:var(--d)}.s span{color:var(--soft)}",
        "@media(max-width:400px){.n{gap:6px}.n dd{font-size:23px}.n dt{font-size:14px}.card{padding:16px}h1{font-size:25px}}",
        "@media(min-width:700px){.s{grid-template-columns:repeat(3,1fr)}main{padding-inline:20px}.card{padding:26px}}",
        "@media print{body{background:#fff}header{background:none;color:#000;padding-bottom:10px}.sub,.demo,nav a{color:#000}main{margin:0}.card{box-shadow:none;border:1px solid #999;break-inside:avoid}nav,form{display:none}.bad{color:#000;background:none;border:3px solid #000}.bad *{color:#000}}",
};

#endif
