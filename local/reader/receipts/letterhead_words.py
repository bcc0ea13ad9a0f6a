"""The words by which rows of a letterhead are told apart: English, Malay, German, French, Dutch, Spanish, Italian."""

from __future__ import annotations

LEGAL = (
    r"\bs(?:d|o)n\.?,? ?\.?b(?:h|n)d\b|\bbhd\b|\bs/b\b|\bplt\b|\benterprise?s?\b|\btrading\b|\bpte\b|\bltd\b|\blimited\b|\binc\b\.?|\bllc\b|\bllp\b|\bcorp(?:oration)?\b"
    r"|\bgmbh\b|\b& co\b|\bco\. kg\b|\bohg\b|\be\.? ?k\.(?!\w)|\bag\b$|\bs\.?a\.?r\.?l\b|\bs\.?a\.?s\b|\bs\.?p\.?a\b\.?$|\bs\.?r\.?l\b|\bb\.?v\.?$|\bn\.?v\.?$|\bs\.?l\.?u?\.?$|\bsp\. z o\.?o"
    r"|\bab$|\baps\b|\ba/s\b|\bholdings?\b|\bpty\b|\bs\.a\.$|\bindustries\b|\bcompany\b$|\bsb(?=\W*(?:[(\[\d]|$))"
)
"""Legal forms and what small firms put at the end of their names."""

LEGAL_ONLY = (
    r"^\W*(?:\(m\)\s*)?(?:co\.?\s*)?(?:\(m\)\s*)?(?:s(?:d|o)n\.?,? ?\.?b(?:h|n)d|bhd|enterprise|trading|pte\.? ltd|ltd|limited|inc|llc|gmbh(?: & co\.? kg)?|holdings?(?: sdn\.? bhd)?)\b\.?"
    r"(?:\s*[(\[].*)?\W*$"
)
"""A row with nothing but a legal form: the name it belongs to stands above."""

CONTACT = (
    r"\b(?:tel|te1|tei|telp|telephone|phone|ph|fax|hp|h/p|mobile|hotline|whatsapp|helpline|call|e-?mail|website|web|facebook|instagram|tlf|t[eé]l[eé]phone)\b\s?[.:#/(\d+]|www\.|https?:|\.com\b|@\w"
    r"|^\W*(?:t|f|h)\s?:\s?\+?\d|^\W*\+?[\d()\s-]{8,}\W*$|\btel\b|\bfax\b|\btel\d|line\s?:\s?\d|^\W*[a-z]+\s?:\s?\+?\d[\d ()-]{7,}\W*$"
)
"""Telephone, mail and web."""

REGISTRATION = (
    r"\b(?:gst|sst|vat|tax|tin|abn|uid|ust|siret|siren|kvk|cif|nif|rcs|roc|brn|p\.? ?iva|btw)\b\W{0,3}(?:/tax)?\s?(?:reg|registration|id|no|number|nr|#|:|\d)|\bco(?:mpany)?\.? ?(?:reg)?\.? ?no\b"
    r"|\breg(?:istration|d)?\.? ?(?:no|number)\b|\b(?:gst|sst) ?(?:reg|id|no)|^\W*\(?(?:co\.? ?no\.?:? ?)?[a-z]{0,3}\d{5,12}\s?-?\s?[a-z]?\W*$|\bust-?id|\bst-?nr|\bsteuer-?n|\blicen[cs]e no\b"
    r"|^\W*\(\W*(?:no\.?|co\.?)?\s*[a-z]{0,3}\d{5,}.{0,5}\)\W*$|\bsite\s?(?:no)?\s?[:#]\s?\d"
)
"""Registers, tax and company numbers."""

TITLE = (
    r"\b(?:tax|simplified|cash|sales?|retail|official|guest|full)\W{0,2}(?:tax )?(?:invoice|receipt|bill|check|sales?|slip|memo)\b|^\W*(?:invoice|receipt|bill|cash|cash bill|cash sale|quittung|kassenbon|kassabon"
    r"|rechnung|facture|re[cç]u|ticket|factura simplificada|scontrino|fattura|bon|kvitto|resit|copy|duplicate|reprint|customer copy)\W*$|\btax ?invoice\b|\binvois\b|\bdelivery order\b"
)
"""What the paper calls itself."""

PURCHASE = (
    r"\b(?:inv(?:oice)?|bill|doc(?:ument)?|receipt|rec[ei]{2}pt|slip|trans(?:action)?|ticket|order|table|tbl|pos|counter|terminal|till|ref|check|chk|cashier|gashier|server|served|salesperson|sales ?man|staff|member|pax"
    r"|cust(?:omer)?|date|time|rechnungs?|beleg|bon|kasse|kassierer|tisch|datum|uhrzeit|table|caisse|fecha|mesa|caja|data|cassa|station|workstation|operator|attn|operating|business|opening|open|shopping) ?(?:hours?|no|nr"
    r"|number|num|name|id|type)?\s?\.?\s?[:#]|\b(?:receipt|invoice|bill|doc(?:ument)?|trans) ?(?:no|nr|number|#)\b|\b(?:date|time|cashier|qty|u/p|amount|price|description|item code|menge|preis|shopping hours|business hours"
    r"|operation hours|operating hours|welcome|thank)\b|\d{1,2}[/.-]\d{1,2}[/.-](?:20)?\d{2}\b|\b\d{1,2}:\d{2}\b|\bcounter ?\d|\bwelcome to\b|\bgst summary\b|\bwillkommen\b"
)
"""Rows about this purchase, which come after the letterhead."""

TRADE = (
    "stationery trading marketing holdings industries restaurant hardware supermarket enterprise resources services corporation group "
    "international food foods beverage beverages electrical electronics motor auto pharmacy bakery bakeries mart store stores retail "
    "management development construction engineering supplies supply distributors distribution cafe catering "
    "shop shoppe kedai pasaraya restoran kopitiam clinic klinik salon hotel bistro kitchen supermart hypermarket minimarket market"
)
"""What firms do, as their names say it: a row of nothing but these and a legal form continues the row above."""

NOT_A_NAME = (
    r"^\W*(?:welcome|thank|your order|original|copy|duplicate|reprint|cash|member|customer|void|page|table|date|time|order|queue|no\b|nr\b|branch|outlet|hq|head office|tax|gst|the |terima kasih|selamat|willkommen|bienvenue"
    r"|bienvenid|open|goods sold|signature|please|merchant|store\W*#?\d|shop\W*#?\d|site)\b(?!.*\b(?:cafe|caf[eé]|restaurant|shop|store|mart|bakery)\b)|^\W*(?:take ?away|dine ?in|delivery)\W*$|%|^\W*\d+\W*$|\bhours?\b"
)
"""Rows at the top that name nobody."""

ADDRESS = (
    r"\b(?:jalan|jln|ja1an|lorong|lrg|persiaran|pers|lebuh(?:raya)?|lebuhraya|taman|tmn|bandar|bdr|bdar|kampung|kg|kampong|seksyen|sek|section|sec|medan|pusat|plaza|kompleks|complex|wisma|menara|bangunan|mukim|batu|bt"
    r"|lot|pt\d*|blok|block|blk|unit|level|lvl|floor|flr|tingkat|aras|ground|grd|suite|ste|mall|centre|center|square|arcade|tower|building|bldg|estate|park|industrial|perindustrian|kawasan|off|km|bt\.?"
    r"|street|str|st|road|rd|avenue|ave|av|boulevard|blvd|lane|ln|drive|dr|court|ct|highway|hwy|way|terrace|crescent|close|row|quay|p\.?o\.? ?box|box"
    r"|[a-zäöüß]+(?:straße|strasse|str\.|platz|weg|allee|gasse|ring|damm|ufer|markt) \d+|rue|chemin|quai|cours|impasse|all[eé]e|route|place|calle|c/|avda|plaza|paseo|carrer|camino|via|viale|corso|piazza|largo|vicolo"
    r"|[a-z]*(?:straat|laan|plein|gracht|kade|dijk)|[a-z]*(?:gade|vej|gatan|v[aä]gen|gata)|ul\.|ulica)\b"
)
"""Words of streets, buildings and quarters."""

ADDRESS_START = (
    r"^\W*(?:address|alamat|adresse|anschrift)\b|^\W*(?:no\.?|n0\.?|lot|unit|level|lvl|blok|block|blk|suite|shop|ground|grd|g/?f|pt|batu|bt|km|1st|2nd|3rd|\d+(?:st|nd|rd|th)) ?(?:no\.?)?[\s.:,#-]{0,3}[a-z]?[-.]?\d"
    r"|^\W*(?:ground|first|second|third|\d+(?:st|nd|rd|th)?) (?:floor|flr)\b|^\W*no\.? ?[a-z]?-?\d|^\W*\d{1,5}[a-z]?(?:[-/&, ]+\d{0,5}[a-z]?)*[,.]?\s+(?:jalan|jln|ja1an|lorong|lrg|taman|tmn|persiaran|lebuh|kampung|kg|medan|level|street)\b"
    r"|^\W*(?:jalan|jln|lorong|persiaran|lebuh|lebuhraya|kampung|kg\.?|rue|via|viale|calle|avenida|piazza)\s|^\W*\d{1,5}[a-z]?,? (?:[nsew]\.? )?[a-z][\w.' ]{2,30} (?:street|st|road|rd|avenue|ave|boulevard|blvd|lane|ln|drive|dr|way|highway|hwy)\b"
    r"|^\W*[a-zäöüéß.-]+(?: [a-zäöüéß.-]+)?(?:straße|strasse|str\.|platz|weg|allee|gasse|straat|laan|plein|gade|vej|gatan) ?\d"
)
"""How the first row of an address begins."""

POSTCODE = r"\b(?:[A-Z]{1,2}-)?\d{5}(?:-\d{4})?(?![\d-])|\b\d{5}(?=[A-Z][a-z])|\b\d{4} ?[A-Z]{2}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b[A-Z]{2} \d{5}\b|\b\d{4} [A-ZÄÖÜ][a-zäöüé]+|\b\d{2}-\d{3}\b"
"""Postcodes of most of the world, as they stand in an address."""

PLACES = (
    r"\b(?:selangor|kuala lumpur|k\.? ?lumpur|w\.? ?p\.?|wilayah|johor|bahru|penang|pulau pinang|perak|ipoh|kedah|kelantan|terengganu|pahang|melaka|malacca|negeri sembilan|n\.? ?sembilan|perlis|sabah|sarawak|labuan|putrajaya"
    r"|malaysia|shah alam|petaling jaya|puchong|klang|cheras|kajang|subang|ampang|setapak|kepong|rawang|serdang|seremban|kota|darul ehsan|d\.?e\.?|darul|singapore|kl|pj|deutschland|germany|france|nederland|schweiz|suisse"
    r"|switzerland|österreich|austria|espa[nñ]a|italia|belgi[eë]|belgique|united kingdom|england|london|usa|u\.s\.a|canada|australia|berlin|m[uü]nchen|hamburg|paris|new york|amsterdam|wien|z[uü]rich|madrid|roma|milano)\b"
)
"""Countries, states and towns that stand at the end of addresses; a few hundred are more than a pattern needs."""
