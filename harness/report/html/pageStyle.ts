import { variables } from './palette.js'

/** Steps of the heat map: how much of the colour is mixed into the surface. */
const heat = [1, 2, 3, 4]
  .map(
    (step) => `.heat.up-${step}{background:color-mix(in srgb,var(--candidate) ${step * 13}%,transparent)}
.heat.down-${step}{background:color-mix(in srgb,var(--loss) ${step * 13}%,transparent)}`,
  )
  .join('\n')

/** The page's only style sheet. It holds no URL and no import. */
export const pageStyle = `
:root{color-scheme:light;${variables('light')}}
@media screen and (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;${variables('dark')}}}
@media screen{:root[data-theme=dark]{color-scheme:dark;${variables('dark')}}}
*{box-sizing:border-box}
html{scroll-padding-top:3.5rem;-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:76rem;padding:0 1.25rem 3rem;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
h1{font-size:clamp(1.5rem,4vw,2.1rem);line-height:1.2;margin:.2rem 0 .6rem}
h2{font-size:1.45rem;margin:3rem 0 .6rem}
h3{font-size:1.12rem;margin:1.8rem 0 .7rem}
h4{font-size:1rem;margin:0}
a{color:var(--accent)}
p{margin:.4rem 0 .8rem}
code,pre{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--surface);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;overflow-x:auto}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{position:static}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
header{padding-top:1.6rem}
.brand{font-weight:700;letter-spacing:.02em;color:var(--accent);margin:0}
.proposal code{background:var(--surface);border:1px solid var(--line);border-radius:.4rem;padding:.15rem .45rem}
.facts-line,.note,figcaption p,.tiles span{color:var(--muted)}
.facts-line{font-size:.93rem}
#controls{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
fieldset{border:1px solid var(--line);border-radius:.5rem;margin:0;padding:.2rem .7rem .35rem;display:flex;gap:.9rem;background:var(--surface)}
legend{font-size:.8rem;color:var(--muted);padding:0 .3rem}
button,select,input[type=search]{font:inherit;color:inherit;background:var(--surface);border:1px solid var(--line);border-radius:.5rem;padding:.45rem .75rem;min-height:2.6rem}
button{cursor:pointer}
button:hover{border-color:var(--accent)}
button:disabled{opacity:.5;cursor:default}
.contents{position:sticky;top:0;z-index:2;background:var(--page);border-bottom:1px solid var(--line);margin:1rem 0 0}
.contents ul{display:flex;gap:1.2rem;list-style:none;margin:0;padding:.6rem 0;overflow-x:auto;white-space:nowrap}
.contents a{text-decoration:none}
.contents a:hover{text-decoration:underline}
.headline strong{font-weight:650}
.headline{font-size:clamp(1.1rem,2.6vw,1.35rem);line-height:1.45;margin:1.4rem 0 .6rem;max-width:62rem}
.verdict{display:inline-block;border-left:5px solid;border-radius:.4rem;background:var(--surface);padding:.55rem .9rem;margin:.3rem 0 .4rem}
.pass{border-color:var(--gain)}
.warning{border-color:var(--warning)}
.error{border-color:var(--loss)}
.info{border-color:var(--accent)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(13.5rem,1fr));gap:.9rem;margin:1rem 0 0}
.tiles>div{background:var(--surface);border:1px solid var(--line);border-radius:.7rem;padding:.85rem 1rem}
.tiles dt{font-size:.9rem;color:var(--muted)}
.tiles dd{margin:0}
.tiles b{display:block;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}
.tiles dd>span{font-size:.88rem}
.tiles b span{color:inherit}
.gain,.tiles b .gain{color:var(--gain)}
.loss,.tiles b .loss{color:var(--loss)}
.cards{columns:2 27rem;column-gap:1rem}
.card{background:var(--surface);border:1px solid var(--line);border-radius:.7rem;padding:1rem 1.1rem;margin:0 0 1rem;break-inside:avoid}
.card h3{margin-top:0}
.card svg{display:block;width:100%;overflow:visible;max-width:31rem;height:auto;margin:.5rem auto}
.card ul{padding-left:1.1rem;margin:.4rem 0}
figcaption p{font-size:.93rem;margin:.15rem 0 .3rem}
[data-tip]:hover{opacity:.7}
#tip{position:fixed;z-index:5;max-width:18rem;background:var(--ink);color:var(--surface);border-radius:.4rem;padding:.3rem .6rem;font-size:.85rem;pointer-events:none}
details>summary{cursor:pointer;padding:.35rem 0}
.scroll{overflow-x:auto;max-height:32rem;overflow-y:auto}
#accounts .scroll,#subnets .scroll{border:1px solid var(--line);border-radius:.7rem;background:var(--surface)}
#accounts .scroll{max-height:none}
#subnets .scroll{max-height:44rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.38rem .6rem;text-align:left;border-bottom:1px solid var(--line);font-weight:400;white-space:nowrap}
thead th{font-weight:600;overflow-wrap:normal;color:var(--muted);position:sticky;top:0;background:var(--surface);vertical-align:bottom;white-space:normal;min-width:4rem}
.number{text-align:right}
thead button{border:0;background:none;padding:0;min-height:0;font-weight:600;color:var(--muted);text-align:inherit}
th[aria-sort=ascending] button::after{content:" ▲"}
th[aria-sort=descending] button::after{content:" ▼"}
tbody tr:hover{background:color-mix(in srgb,var(--accent) 7%,transparent)}
.heat{display:block;margin:-.2rem -.4rem;padding:.2rem .4rem;border-radius:.25rem}
${heat}
#account-controls{display:flex;flex-wrap:wrap;gap:.8rem;align-items:end}
#account-controls label{display:grid;gap:.2rem;font-size:.85rem;color:var(--muted)}
#account-controls label:first-child{flex:1 1 16rem}
#account-controls input,#account-controls select{font-size:1rem;color:var(--ink);width:100%}
#account-status{margin:.7rem 0 .4rem;color:var(--muted)}
#account-pages{display:flex;gap:.8rem;align-items:center;margin-top:.7rem}
.checks{display:grid;gap:.5rem}
.check{background:var(--surface);border:1px solid var(--line);border-left:5px solid;border-radius:.5rem;padding:.3rem .9rem}
.check.pass{border-left-color:var(--gain)}
.check.warning{border-left-color:var(--warning)}
.check.error{border-left-color:var(--loss)}
.check.info{border-left-color:var(--accent)}
.mark{display:inline-block;width:1.3em;font-weight:700}
.check dl,.facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1rem;margin:.3rem 0 .6rem}
.check dt,.facts dt{color:var(--muted)}
.check dd,.facts dd{margin:0}
footer{margin-top:3rem;border-top:1px solid var(--line);color:var(--muted);font-size:.88rem}
@media (max-width:40rem){
body{padding:0 .9rem 2rem}
.card{padding:.8rem .75rem}
.tiles{grid-template-columns:1fr 1fr;gap:.6rem}
.tiles>div{padding:.65rem .7rem}
.tiles b{font-size:1.2rem}
.check dl,.facts{grid-template-columns:1fr;gap:.1rem}
.check dd,.facts dd{margin-bottom:.4rem}
}
@media print{
body{max-width:none;padding:0;font-size:11px;background:#fff}
#controls,.contents,#account-controls,#account-pages,.skip,#tip{display:none!important}
.card,.tiles>div,.check,figure,tr{break-inside:avoid}
h2,h3{break-after:avoid}
.scroll{max-height:none!important;overflow:visible}
thead th{position:static}
}
`
