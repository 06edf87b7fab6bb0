// SPDX-License-Identifier: Apache-2.0
#include "reports/formats.h"

namespace assay {

std::string_view page_css() {
  return R"css(:root{color-scheme:light dark;--page:#f4f6f8;--paper:#fff;--ink:#1c2430;--muted:#5d6878;--line:#e0e5eb;--control:#7d8898;--strong-line:#c5cdd8;
--accent:#2f5fb3;--tint:#f2f5fa;--bar:#9db8e3;--good:#1d7a46;--bad:#b3261e;--care:#a8640a}
@media screen and (prefers-color-scheme:dark){:root{--page:#0d1117;--paper:#161b22;--ink:#e6eaf0;--muted:#9aa5b4;--line:#2a313c;--control:#6d7a8c;
--strong-line:#445062;--accent:#7fa8f0;--tint:#1d242e;--bar:#3d5f96;--good:#6fcf97;--bad:#ff8a80;--care:#e5b567}}
*{box-sizing:border-box}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-999em;padding:8px 14px;background:var(--paper);z-index:2}
.skip:focus{left:8px;top:8px}
#content_:focus{outline:none}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,"Liberation Sans",sans-serif}
main{max-width:1080px;margin:0 auto;padding:44px 56px 64px;background:var(--paper);min-height:100vh}
header{border-bottom:2px solid var(--ink);padding-bottom:14px}
h1{font-size:30px;line-height:1.2;letter-spacing:-.01em;margin:0 0 6px}
h2{font-size:21px;line-height:1.3;margin:44px 0 12px;padding-bottom:6px;border-bottom:1px solid var(--strong-line)}
h3{font-size:16px;margin:30px 0 10px}
h4{font-size:14px;margin:24px 0 8px}
p{margin:10px 0;max-width:80ch}
.logo{display:block;max-height:56px;max-width:260px;margin:0 0 18px}
footer{margin-top:40px;padding-top:12px;border-top:1px solid var(--line);font-size:13px}
.muted{color:var(--muted)}
.good{color:var(--good)}.bad{color:var(--bad)}
.notice{max-width:none;margin:16px 0;padding:12px 16px;background:var(--tint);border-left:4px solid var(--good);border-radius:4px}
.notice.is-care{border-color:var(--care)}.notice.is-bad{border-color:var(--bad)}
nav{display:flex;flex-wrap:wrap;gap:4px 20px;margin-top:12px;font-size:14px}
a{color:var(--accent);text-decoration:none}
a:hover,a:focus{text-decoration:underline}
ul{margin:10px 0;padding-left:20px;max-width:84ch}
li{margin:6px 0}
code,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace;font-size:.88em}
code{overflow-wrap:anywhere}
pre{background:var(--tint);border:1px solid var(--line);border-radius:6px;padding:12px 14px;overflow-x:auto;line-height:1.6;white-space:pre-wrap}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(250px,1fr));gap:12px;margin:20px 0}
.tiles>div{background:var(--tint);border:1px solid var(--line);border-radius:8px;padding:12px 14px;display:flex;flex-direction:column}
.tiles dt{font-size:13px;line-height:1.35;color:var(--muted);margin-bottom:2px}
.tiles dd{margin:0;font-size:23px;font-weight:600;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.tiles dd.note{font-size:12.5px;font-weight:400;letter-spacing:0;color:var(--muted);line-height:1.4;margin-top:2px}
.scroll{overflow-x:auto;margin:16px 0 22px}
table{border-collapse:collapse;width:100%;font-size:13.5px;line-height:1.4;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);font-size:13px;padding-bottom:7px}
th,td{padding:6px 10px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:12.5px;font-weight:600;color:var(--muted);border-bottom:1px solid var(--strong-line);vertical-align:bottom}
tbody th{font-weight:400;min-width:7.5em}
tbody th strong{font-weight:600}
.n{text-align:right}
tbody .n{white-space:nowrap}
small{display:block;font-size:12px;color:var(--muted);font-weight:400}
.n small{white-space:normal}
.bar{display:block;height:3px;background:var(--line);margin-top:4px;min-width:60px;border-radius:2px;overflow:hidden}
.bar i{display:block;height:100%;background:var(--bar)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:22px 40px;margin:20px 0 26px}
figure{margin:0;min-width:0;overflow-x:auto;break-inside:avoid}
figcaption{font-weight:600;font-size:14px;margin-bottom:10px}
.chart{display:block;width:100%;max-width:520px;height:auto}
@media screen{.long section{content-visibility:auto;contain-intrinsic-size:auto 900px;margin:0 -6px;padding:0 6px}}
.tools{display:flex;flex-wrap:wrap;align-items:center;justify-content:flex-end;gap:6px 12px;margin:16px 0 0;font-size:13px;color:var(--muted)}
.tools+.scroll{margin-top:4px}
@media screen and (min-width:721px){.tools:has(+.scroll caption){position:relative;z-index:1;width:fit-content;margin:16px 0 -27px auto;padding-left:14px;background:var(--paper)}
.tools+.scroll caption{padding:5px 7em 9px 0}.tools:has(input)+.scroll caption{padding-right:33em}}
.tools label{display:flex;align-items:center;gap:6px}
.tools input,.tools button{font:inherit;color:var(--ink);background:var(--paper);border:1px solid var(--control);border-radius:5px;padding:3px 9px;min-height:28px}
.tools input{width:13em;max-width:46vw}
.tools button,th button{cursor:pointer}
.tools button:hover{background:var(--tint)}
th button{font:inherit;color:inherit;text-align:inherit;background:none;border:0;margin:-5px 0;padding:5px 0;text-decoration:underline dotted;text-underline-offset:3px}
th button:hover{color:var(--ink)}
th[aria-sort=ascending],th[aria-sort=descending]{color:var(--ink)}
th[aria-sort=ascending] button::after{content:" \2191"}
th[aria-sort=descending] button::after{content:" \2193"}
.tip{position:absolute;left:0;top:0;z-index:1;max-width:min(340px,92vw);padding:5px 9px;border-radius:5px;background:var(--ink);color:var(--paper);font-size:13px;line-height:1.35;pointer-events:none}
.tip:empty{opacity:0}
.chart [data-said]:hover{filter:brightness(.88)}
@media (max-width:720px){main{padding:24px 12px 40px}h1{font-size:24px}td:not(.n){min-width:8em}td:not(.n):has(small){min-width:15em}
caption{position:sticky;left:0;max-width:calc(100vw - 24px)}}
@media screen{th code{overflow-wrap:break-word}}
@media print{@page{size:A4;margin:10mm 12mm 13mm;@bottom-right{content:counter(page) " / " counter(pages);font:7.5pt sans-serif;color:#5d6878}}
html,body{background:#fff;font-size:8pt;line-height:1.35}main{max-width:none;min-height:0;padding:0}nav,.skip,.tip,.tools{display:none}
.tools.filtered{display:block}.tools.filtered>:not(output){display:none}th button{display:contents}
header{padding-bottom:4pt}h1{font-size:17pt;margin-bottom:2pt}h2{font-size:11.5pt;margin:9pt 0 4pt;padding-bottom:2pt}h3{font-size:9pt;margin:6pt 0 3pt}h4{font-size:8pt;margin:5pt 0 2pt}
p,ul{margin:3pt 0;max-width:none}li{margin:1pt 0}.notice{margin:6pt 0;padding:4pt 8pt}pre{padding:4pt 6pt;line-height:1.4;font-size:6.5pt}
.tiles{margin:6pt 0;gap:6pt;grid-template-columns:repeat(4,1fr)}.tiles>div{padding:4pt 7pt}.tiles dt,.tiles dd.note{font-size:7pt}.tiles dd{font-size:13pt}
.scroll{overflow:visible;margin:4pt 0 6pt}table{font-size:6.8pt;line-height:1.2}caption,thead th{font-size:7pt;padding-bottom:2pt}small{font-size:6pt;overflow-wrap:anywhere}
th,td{padding:1.1pt 4pt}tbody th{min-width:0}tbody th small,td:not(.n) small{display:inline;margin-left:.6em}.pairs{columns:2;column-gap:18pt}.bar{height:2px;margin-top:1pt;min-width:30px}
.figures{grid-template-columns:1fr 1fr;gap:6pt 18pt;margin:4pt 0 6pt}figure{overflow:visible}figcaption{font-size:8pt;margin-bottom:3pt}.chart{min-width:0!important;max-height:64mm}.chart.tall{max-height:230mm}
h1,h2,h3,h2+p,h3+p,caption,figcaption,thead{break-after:avoid;break-inside:avoid}tr,li,.tiles>div,.notice,.short,.chart{break-inside:avoid}p{orphans:3;widows:3}
thead{display:table-header-group}*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
)css";
}

}  // namespace assay
