### Quello che Sayso dice in italiano. Breve: chi fa la spesa ascolta con mezzo orecchio. Si dà del tu.
### A key names a whole sentence, or a whole noun phrase that sentences take in. Items have no gender here: no participle agrees.

## Products, as they are named

name = { $name }
name-sized = { $name }, { $size }
priced = { $name }, { $price }
priced-before = { $item }, quello che hai preso { $month ->
    [0] questo mese
    [1] a gennaio
    [2] a febbraio
    [3] a marzo
    [4] ad aprile
    [5] a maggio
    [6] a giugno
    [7] a luglio
    [8] ad agosto
    [9] a settembre
    [10] a ottobre
    [11] a novembre
   *[12] a dicembre
  }
counted = { $quantity } { $name }
text = { $text }

## Welcome and goodbye

welcome = Ciao da { $seller }.
welcome-ask = Che cosa cerchi?
welcome-back = Ciao di nuovo da { $seller }. { $pieces ->
    [one] C'è un articolo nel carrello.
   *[other] Ci sono { $pieces } articoli nel carrello.
  }
welcome-back-ask = Vuoi cercare qualcosa o andare alla cassa?
goodbye = Ciao.
goodbye-cart = Ciao. La prossima volta ritrovi il tuo carrello.
goodbye-quoted = Ciao. Non è stato ordinato niente, e la prossima volta ritrovi il tuo carrello.
start-over = Ricominciamo.
start-over-cart = Ricominciamo. Il carrello è come l'hai lasciato.
cancelled-question = Va bene, lasciamo stare.

## Finding

find-what = Che cosa cerchi?
find-else = Che altro ti cerco?
find-otherwise = Prova con altre parole, come una marca o un tipo di prodotto. Che cosa cerchi?
avoiding = Finché non ricominci lascio fuori { $what }.
found-one = Ho trovato { $first }.
found-one-weak = Il più vicino a "{ $words }" è { $first }.
found-two = Ne ho trovati due. Primo, { $first }. Secondo, { $second }.
found-two-weak = I più vicini a "{ $words }": primo, { $first }; secondo, { $second }.
found-two-more = Altri due. Primo, { $first }. Secondo, { $second }.
found-three = Ne ho trovati tre. Primo, { $first }. Secondo, { $second }. Terzo, { $third }.
found-three-weak = I più vicini a "{ $words }": primo, { $first }; secondo, { $second }; terzo, { $third }.
found-three-more = Altri tre. Primo, { $first }. Secondo, { $second }. Terzo, { $third }.
found-similar = Non ho trovato niente per "{ $words }". Il più vicino è { $item }.
found-category = Non ho trovato niente per "{ $words }", ma abbiamo { $category }.
found-nothing = Non ho trovato niente per "{ $words }".
found-none-stated = Per "{ $words }" non ho trovato niente che lo indichi.
found-none-so = Non ho trovato niente che sia tutto questo.
all-sold-out = Il prodotto più adatto, { $item }, è esaurito.
is-sold-out = { $item } è esaurito.
no-more-results = Ho trovato solo questi.
nothing-cheaper = Di questo tipo non ho niente di più economico.
no-other-brand = Non ne ho di altre marche.
no-other-brand-below = Non ne ho di altre marche fino a { $price }.
no-other-color = Non ne ho di altri colori.
choose-or-find = Vuoi uno di questi o qualcos'altro?
which-one = Quale vuoi?
which-or-more = Quale vuoi, o altri?
which-of-two = Quale: primo, { $first }, o secondo, { $second }?
which-of-three = Quale: primo, { $first }; secondo, { $second }; o terzo, { $third }?
more-or-find = Di' altri per sentirne ancora, o dimmi che altro ti serve.
chosen = { $item }.
offer = { $quantity ->
    [one] Lo metto nel carrello?
   *[other] Ne metto { $quantity } nel carrello?
  }
offer-packs = { $quantity ->
    [one] La confezione è da { $pieces }. Ne metto una nel carrello?
   *[other] { $quantity } confezioni fanno { $pieces } pezzi. Ne metto { $quantity } nel carrello?
  }
offer-again = Lo metto nel carrello?
not-added = Va bene, non lo metto.
gone = Mi dispiace, questo non c'è più.

## About a product

claimed = Sì, il negozio lo indica.
not-claimed = Il negozio non lo indica.
none-claimed = Il negozio non lo indica per nessuno di questi.
about-item = { $item }.
stars = { $tenth ->
    [0] { $whole }
   *[other] { $whole },{ $tenth }
  }
about-rating = { $reviews ->
    [0] Ha { $stars } stelle su 5.
    [one] Ha { $stars } stelle su 5, da un cliente.
   *[other] Ha { $stars } stelle su 5, da { $reviews } clienti.
  }
about-review = Uno dice: { $review }.
about-allergens = Contiene { $allergens }.
about-allergens-unknown = Gli allergeni non sono indicati.
some-allergens-unknown = Non tutti indicano gli allergeni.
about-contents-unknown = Non è indicato se davvero manca.
some-contents-unknown = Non tutti indicano che manca.
about-age = Si vende dai { $years } anni in su.
about-sold-out = Al momento è esaurito.

## The cart

added = Ho messo nel carrello { $item }, { $quantity ->
    [one] { $price }.
   *[other] { $price } al pezzo.
  }
changed = Adesso { $item }, { $quantity ->
    [one] { $price }.
   *[other] { $price } al pezzo.
  }
removed = Ho tolto { $item }.
cart-total = Il tuo carrello fa { $total }.
cart-now-empty = Adesso il carrello è vuoto.
cart-empty = Il tuo carrello è vuoto.
cart-lines = Nel carrello hai: { $lines }. In tutto { $total }, tasse e consegna escluse.
cart-lines-more = Nel carrello hai: { $lines }, e { $others ->
    [one] un altro prodotto.
   *[other] altri { $others } prodotti.
  } In tutto { $total }, tasse e consegna escluse.
cart-cleared = Adesso il carrello è vuoto.
cart-kept = Va bene, lascio il carrello com'è.
clear-really = { $lines ->
    [one] Svuoto il carrello? C'è dentro un prodotto.
   *[other] Svuoto il carrello? Ci sono dentro { $lines } prodotti.
  }
clear-again = Svuoto il carrello?
clear-but = Tolgo tutto dal carrello tranne { $items }?
anything-else = Altro? Quando hai finito, di' vai alla cassa.
check-out-or-more = Per ordinare di' vai alla cassa, o dimmi che altro ti serve.
check-out-or-stop = Per ordinare di' vai alla cassa, o di' basta per un'altra volta.
nothing-more = Va bene.
quantity-invalid = Posso mettere solo numeri interi, da uno in su.
quantity-max = Di un prodotto posso mettere al massimo { $most } pezzi nel carrello.
lines-max = Nel carrello ci stanno { $most } prodotti diversi, ed è pieno.
how-many = Quanti { $item } vuoi?
how-many-again = Quanti ne vuoi?
number-for-what = Ho sentito un numero, ma non avevo chiesto niente.
only-some-left = { $available ->
    [one] Di { $item } ne resta solo uno.
   *[other] Di { $item } ne restano solo { $available }.
  }
sold-out = Mi dispiace, { $item } è esaurito. Li hai già tutti tu.
not-in-cart = Nel carrello non vedo "{ $words }".
not-in-cart-that = Questo non è nel carrello.
mean-line = Intendi { $item }?
take-out-really = Lo tolgo di nuovo dal carrello: { $item }?
in-cart = Nel carrello ne hai { $quantity }.
one-at-a-time = Posso aggiungere un prodotto alla volta.
one-half-first = Prima questo. Poi dimmi di nuovo "{ $words }".

## Checking out

quote = { $seller } consegnerebbe { $lines } a { $address }. Consegna { $delivery }, tasse { $tax }, totale { $total }.
ask-code = Per ordinare, dimmi il tuo codice di quattro cifre.
ask-number = Se lo vuoi, di' la parola ordina e poi questo numero: { $number }.
ask-yes = Faccio questo ordine?
platform-asks-code = Per ordinare, conferma con il tuo codice vocale.
code-again = Qual è il tuo codice di quattro cifre?
code-not-heard = Non ho capito il codice.
code-wrong = Il codice non è giusto.
code-locked = Il codice era sbagliato troppe volte, quindi gli ordini sono bloccati. Un adulto può cambiarlo nella pagina della famiglia. Non è stato ordinato niente.
code-for-what = Non avevo chiesto nessun codice, quindi l'ho ignorato.
quote-changed = Qualcosa è cambiato, quindi ti rileggo l'ordine.
quote-too-long = Questo ordine è troppo lungo per leggerlo tutto di seguito. Togli qualcosa dal carrello e fanne due ordini.
quote-expired = È passato troppo tempo, quindi non è stato ordinato niente.
other-device = Questo ordine era partito da un altro dispositivo, quindi qui non è stato ordinato niente.
speaker-changed = Adesso sento un'altra voce, quindi lo chiedo di nuovo.
warn-duplicate = Hai ordinato la stessa spesa poco fa. Ancora?
not-ordered = Va bene, non è stato ordinato niente. Il carrello è al sicuro.
not-ordered-next = Di' vai alla cassa per riprovare, o dimmi che altro ti serve.
nothing-ordered = Non è stato ordinato niente.
nothing-to-confirm = Non c'è nessun ordine da confermare.
still-working = Sto ancora lavorando a quell'ordine. Fra un momento chiedi: dov'è il mio ordine.
ordered = Fatto. Ordinati { $lines }, totale { $total }.
can-undo = { $minutes ->
    [one] Hai un minuto per dire: annulla il mio ultimo ordine.
   *[other] Hai { $minutes } minuti per dire: annulla il mio ultimo ordine.
  }
needs-adult = Questo ordine è di { $total }, e oltre { $cap } serve un adulto. Gli ho chiesto il permesso. Finché non lo dà, non è ordinato niente.
needs-adult-voice = Non conosco la tua voce, quindi per questo ordine di { $total } serve un adulto. Gli ho chiesto il permesso. Finché non lo dà, non è ordinato niente.
reminder-offer = Vuoi che te lo ricordi fra mezz'ora?
reminder-set = Va bene, te lo ricordo fra mezz'ora.
reminder-permission = Non posso ancora impostare promemoria. Ho messo una scheda nell'app Alexa: dai lì il permesso, e la prossima volta te lo ricordo.
reminder-failed = Non è stato possibile impostare il promemoria.
reminder-text = Il tuo ordine di { $total } forse aspetta ancora un adulto.
approvals-full = Questo ordine è di { $total } e serve un adulto, ma { $waiting ->
    [one] ce n'è già uno che lo aspetta.
   *[other] ce ne sono già { $waiting } che lo aspettano.
  }
told-approved = Il tuo ordine di { $total } è stato approvato e inviato.
told-refused = Un adulto ha detto di no al tuo ordine di { $total }.
told-lapsed = Nessuno ha approvato in tempo il tuo ordine di { $total }, quindi non è partito.
told-changed = Il tuo ordine di { $total } non è partito, perché qualcosa era cambiato. Chiedilo di nuovo.
change-cart = Puoi cambiare il carrello o chiedere altro. Che cosa vuoi?
change-or-remove = Di' mettine { $available }, oppure toglilo.
remove-it = Di' toglilo, o dimmi che altro ti serve.
line-gone = Qualcosa nel carrello non si vende più, quindi l'ho tolto. Non è stato ordinato niente.
line-short = { $available ->
    [one] Di { $item } ne resta solo uno. Non è stato ordinato niente.
   *[other] Di { $item } ne restano solo { $available }. Non è stato ordinato niente.
  }
line-sold-out = { $item } è appena finito. Non è stato ordinato niente.
not-linked = Questo dispositivo non è ancora collegato a una famiglia, quindi può cercare ma non ordinare. Per collegarlo di': dammi un codice di abbinamento.
payment-declined = Il pagamento è stato rifiutato, quindi non è stato ordinato niente.
payment-action-required = La banca vuole che il titolare della carta confermi questo pagamento, e a voce non si può. Non è stato ordinato niente.
payment-unknown = Il pagamento non ha ancora risposto. Tengo io il tuo ordine; non ordinare di nuovo. Più tardi puoi dire: dov'è il mio ordine.

## Linking a device

pair-code = Il codice di abbinamento è: { $letters }. Un adulto della famiglia può scriverlo entro { $minutes } minuti.
pair-again-or-find = Di' ripeti per risentirlo, o dimmi che cosa cerchi.
pair-already = Questo dispositivo è già collegato a una famiglia.
pair-no-account = Non posso sapere di chi è questo dispositivo, quindi non riesco a collegarlo. Prima fai l'accesso.
pair-too-many = In questo momento si stanno collegando troppi dispositivi. Riprova fra dieci minuti.

## Why not

refused-not-authentic = Non posso sapere chi lo chiede, quindi non posso ordinare.
refused-policy-unreadable = Non riesco a leggere i limiti di questa famiglia, quindi non posso ordinare.
refused-ordering-off = In questa famiglia gli ordini a voce sono disattivati.
refused-frozen = Gli ordini sono bloccati. Un adulto può sbloccarli nella pagina della famiglia.
store-frozen = In questo momento il negozio non accetta ordini.
refused-code-not-set = Questa famiglia non ha ancora un codice d'acquisto. Un adulto può sceglierlo nella pagina della famiglia.
refused-code-locked = Gli ordini sono bloccati dopo troppi codici sbagliati. Un adulto può cambiare il codice nella pagina della famiglia.
refused-speaker-unrecognised = Non riconosco la tua voce, e questa famiglia accetta ordini solo da voci che conosco.
refused-currency = I limiti di questa famiglia sono in un'altra valuta.
refused-empty = Nel carrello non c'è niente.
refused-lines-max = Un ordine può avere { $lines_max } prodotti diversi.
refused-quantity = Di { $title } un ordine può averne { $quantity_max }.
refused-price-invalid = Un prezzo nel carrello non è giusto.
refused-sku-denied = { $title } qui non si può ordinare.
refused-category-denied = { $title } qui non si può ordinare a voce.
refused-category-not-allowed = { $title } non è fra ciò che questa famiglia permette.
refused-quiet-hours = In questa famiglia è l'ora del silenzio, quindi gli ordini devono aspettare.
refused-order-gap = { $wait_s ->
    [one] È passato poco. Fra un ordine e l'altro aspetta un secondo.
   *[other] È passato poco. Fra un ordine e l'altro aspetta { $wait_s } secondi.
  }
refused-order-max = Supera il tuo limite di { $cap } per ordine.
refused-day-max = Supera il tuo limite di { $cap } al giorno; oggi restano { $left }.
refused-week-max = Supera il tuo limite di { $cap } alla settimana; restano { $left }.
refused-month-max = Supera il tuo limite di { $cap } al mese; restano { $left }.
refused-year-max = Supera il tuo limite di { $cap } all'anno; restano { $left }.
refused-ever-max = Supera il tuo limite di { $cap } in tutto; restano { $left }.
refused-no-code-max = Supera il tuo limite di { $cap } senza codice; restano { $left }.
refused-no-pin-order-max = Senza codice un ordine può costare al massimo { $cap }.
refused-orders-per-day-max = { $orders_max ->
    [one] Questa famiglia può ordinare una volta al giorno.
   *[other] Questa famiglia può ordinare { $orders_max } volte al giorno.
  }
cap-just-reached = Un altro ordine della tua famiglia ha appena raggiunto il limite.
rule-stopped = In questo momento non si può.

## After the order

no-orders = Non c'è ancora nessun ordine.
ago = { $minutes ->
    [0] pochi istanti fa
    [one] un minuto fa
   *[other] { $minutes } minuti fa
  }
ago-days = { $days ->
    [one] un giorno fa
   *[other] { $days } giorni fa
  }
status-reserved = Il tuo ordine di { $ago }, { $total }, aspetta il pagamento.
status-unknown = Il tuo ordine di { $ago }, { $total }, aspetta la risposta del pagamento.
status-committed = Il tuo ordine di { $ago }, { $lines } per { $total }, è arrivato al negozio.
status-shipped = Il tuo ordine di { $ago }, { $lines } per { $total }, è in viaggio.
status-cancelled = Il tuo ordine di { $ago }, di { $total }, è stato annullato.
status-voided = Il tuo ordine di { $ago } non è stato pagato, quindi non è stato comprato niente.
undone = L'ordine è annullato, e ti tornano { $total }.
undone-refund-later = L'ordine è annullato. { $total } ti tornano appena la banca risponde.
undone-refund-declined = L'ordine è annullato, ma la banca non ha restituito { $total }. Chiama il negozio.
undone-before = Il tuo ultimo ordine è già annullato.
undo-offer = Annullo anche quello prima, { $lines } per { $total }?
undo-too-late = È troppo tardi per annullare l'ordine a voce. Chiama il negozio.
undo-shipped = L'ordine è già in viaggio. Chiama il negozio.
undo-not-yet = L'ordine aspetta ancora il pagamento. Riprova fra un minuto.

## Limits

limit-order = Un ordine può costare { $cap }.
limit-order-none = Per un ordine non c'è limite.
limit-day = Gli ordini di un giorno possono costare { $cap }.
limit-day-none = Per un giorno non c'è limite.
limit-spent = Oggi hai speso { $spent }.
limit-lowered = Fatto. Adesso un ordine può costare al massimo { $cap }.
limit-how-much = A quale importo abbasso il limite per un ordine?
limits-not-by-voice = A voce posso solo stringere i limiti. Un adulto può cambiarli nella pagina della famiglia.
frozen-now = Adesso gli ordini sono bloccati. Un adulto può sbloccarli nella pagina della famiglia.

## Help

help = Puoi dire: cerca latte d'avena, cosa c'è nel carrello, o vai alla cassa. Non si compra niente finché non confermi.
help-cart = Puoi cercare altro, dire cosa c'è nel carrello, o vai alla cassa. Non si compra niente finché non confermi.
help-offer = Di' sì per metterlo nel carrello, o no per lasciarlo.
help-choose = Di' il primo, il secondo o il terzo, altri per sentirne ancora, o cerca qualcos'altro.
help-clear = Di' sì per svuotare il carrello, o no per tenerlo.
help-how-many = Di' un numero intero, per esempio due.
help-challenge-code = Questa famiglia chiede il suo codice di quattro cifre prima di ogni ordine. Di' basta per lasciar stare.
help-challenge-spoken-number = Per fare l'ordine, di' la parola ordina e il numero. Di' basta per lasciar stare.
help-challenge-yes = Di' sì per fare l'ordine, o no per lasciar stare.
nothing-to-answer = Non c'è nessuna domanda in sospeso.
request-unknown = Questo non lo so ancora fare.

missed-start-1 = Scusa, non ho capito. Prova: cerca il cibo per cani più economico.
missed-start-2 = Mi è sfuggito. Puoi chiedere un prodotto, come il latte d'avena. Che cosa ti serve?
missed-start-3 = Ancora niente. Di' aiuto per sapere cosa so fare, o cerca e poi un prodotto.
missed-cart-1 = Scusa, non ho capito. Di' cosa c'è nel carrello, vai alla cassa, o cerca e poi un prodotto.
missed-cart-2 = Mi è sfuggito. Vuoi cercare altro o andare alla cassa?
missed-cart-3 = Ancora niente. Il carrello è al sicuro. Di' aiuto per sapere cosa so fare.
missed-offer-1 = Scusa, era un sì o un no? Lo metto nel carrello?
missed-offer-2 = Di' sì per metterlo nel carrello, o no per lasciarlo. Sì o no?
missed-offer-3 = Mi serve ancora un sì o un no, oppure di' cerca e poi un altro prodotto.
missed-choose-1 = Scusa, quale? Di' il primo, il secondo o il terzo.
missed-choose-2 = Puoi dire il secondo, altri, o cerca qualcos'altro. Quale vuoi?
missed-choose-3 = Ancora niente. Di' ripeti per risentirli, o cerca e poi un altro prodotto.
missed-clear-1 = Scusa, era un sì o un no? Svuoto il carrello?
missed-clear-2 = Di' sì per svuotare il carrello, o no per tenerlo. Sì o no?
missed-clear-3 = Mi serve ancora un sì o un no. Il carrello è com'era.
missed-how-many-1 = Scusa, quanti?
missed-how-many-2 = Di' un numero, per esempio due. Quanti ne vuoi?
missed-how-many-3 = Mi serve ancora un numero, o di' annulla.

## When something fails

busy = Sono arrivate due cose insieme.
try-again = Puoi ripeterlo?
storage-failed = Scusa, da noi qualcosa non funziona. Non è stato ordinato niente.
storage-failed-after-order = Scusa, non ce l'ho fatta. Non ordinare di nuovo; fra un minuto chiedi: dov'è il mio ordine.
catalogue-missing = Il negozio non ha ancora prodotti. Non è stato ordinato niente. Torna più tardi.

## Cards

card-products = Che cosa ho trovato
card-cart = Il tuo carrello
card-cart-total = Merce: { $total }
card-quote = Ordine da { $seller }
card-receipt = Ricevuta di { $seller }
card-order = Ordine { $order }
card-delivery = Consegna: { $delivery }
card-tax = Tasse: { $tax }
card-total = Totale: { $total }
card-address = Consegna a: { $address }
card-pair = Collega questo dispositivo
card-reminders = Promemoria
card-pair-code = Codice di abbinamento: { $letters }. Vale { $minutes } minuti.

## Suggestions, as they may be tapped

suggest-find = cerca latte d'avena
suggest-help = aiuto
suggest-yes = sì
suggest-no = no
suggest-first = il primo
suggest-more = altri
suggest-about = parlamene
suggest-cart = cosa c'è nel carrello
suggest-clear = svuota il carrello
suggest-check-out = vai alla cassa
suggest-repeat = ripeti
suggest-stop = basta

## How the language is heard: word=meaning, an underscore for a space; a number without a meaning says nothing

heard-digits = zero=0 uno=1 un=1 una=1 due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9
heard-numbers = zero=0 un=1 una=1 uno=1 due=2 tre=3 quattro=4 cinque=5 sei=6 sette=7 otto=8 nove=9 dieci=10 undici=11
    dodici=12 tredici=13 quattordici=14 quindici=15 sedici=16 diciassette=17 diciotto=18 diciannove=19 venti=20
    ventun=21 ventuna=21 ventuno=21 ventidue=22 ventitré=23 ventiquattro=24 venticinque=25 ventisei=26 ventisette=27
    ventotto=28 ventinove=29 trenta=30 trentun=31 trentuna=31 trentuno=31 trentadue=32 trentatré=33 trentaquattro=34
    trentacinque=35 trentasei=36 trentasette=37 trentotto=38 trentanove=39 quaranta=40 quarantun=41 quarantuna=41
    quarantuno=41 quarantadue=42 quarantatré=43 quarantaquattro=44 quarantacinque=45 quarantasei=46 quarantasette=47
    quarantotto=48 quarantanove=49 cinquanta=50 cinquantun=51 cinquantuna=51 cinquantuno=51 cinquantadue=52
    cinquantatré=53 cinquantaquattro=54 cinquantacinque=55 cinquantasei=56 cinquantasette=57 cinquantotto=58
    cinquantanove=59 sessanta=60 sessantun=61 sessantuna=61 sessantuno=61 sessantadue=62 sessantatré=63
    sessantaquattro=64 sessantacinque=65 sessantasei=66 sessantasette=67 sessantotto=68 sessantanove=69 settanta=70
    settantun=71 settantuna=71 settantuno=71 settantadue=72 settantatré=73 settantaquattro=74 settantacinque=75
    settantasei=76 settantasette=77 settantotto=78 settantanove=79 ottanta=80 ottantun=81 ottantuna=81 ottantuno=81
    ottantadue=82 ottantatré=83 ottantaquattro=84 ottantacinque=85 ottantasei=86 ottantasette=87 ottantotto=88
    ottantanove=89 novanta=90 novantun=91 novantuna=91 novantuno=91 novantadue=92 novantatré=93 novantaquattro=94
    novantacinque=95 novantasei=96 novantasette=97 novantotto=98 novantanove=99 cento=100 ventitre=23 trentatre=33
    quarantatre=43 cinquantatre=53 sessantatre=63 settantatre=73 ottantatre=83 novantatre=93 mille=1000 mila=x1000
    duecento=200 duemila=2000 trecento=300 tremila=3000 quattrocento=400 quattromila=4000 cinquecento=500
    cinquemila=5000 seicento=600 seimila=6000 settecento=700 settemila=7000 ottocento=800 ottomila=8000 novecento=900
    novemila=9000 paio=x2 dozzina=x12 decina=x10 di= e= euro= dollari= dollaro= di=
heard-money = euro= eurini= centesimo= centesimi= dollaro= dollari= franco= franchi= sterlina= sterline=
heard-ordinals = last=-1 all=0 primo=1 prima=1 secondo=2 seconda=2 terzo=3 terza=3 quarto=4 quarta=4 quinto=5 quinta=5 ultimo=-1
    ultima=-1 1o=1 2o=2 3o=3 4o=4 5o=5
    1a=1 2a=2 3a=3 4a=4 5a=5 1º=1 2º=2 3º=3 4º=4 5º=5 1ª=1 2ª=2 3ª=3 4ª=4 5ª=5
heard-pronouns = uno= una= quello= quella= quelli= quelle= ne=
heard-descriptions = bigger=big biggest=big larger=big largest=big big=big large=big smaller=small smallest=small
    small=small cheaper=cheap cheapest=cheap pricier=dear priciest=dear best_rated=best grande=big grandi=big
    grosso=big grossa=big più_grande=big più_grosso=big piccolo=small piccola=small piccoli=small più_piccolo=small
    più_piccola=small economico=cheap economica=cheap più_economico=cheap più_economica=cheap meno_caro=cheap
    meno_cara=cheap meno_costoso=cheap caro=dear cara=dear più_caro=dear più_cara=dear costoso=dear più_costoso=dear
    migliore=best meglio=best meglio_recensito=best meglio_recensita=best
    meglio_valutato=best meglio_valutata=best più_votato=best
heard-sizes = g=1000mg gr=1000mg grammo=1000mg grammi=1000mg etto=100000mg etti=100000mg kg=1000000mg chilo=1000000mg
    chili=1000000mg ml=1000ul millilitri=1000ul cl=10000ul centilitri=10000ul l=1000000ul litro=1000000ul
    litri=1000000ul oz=28350mg/ul once=28350mg/ul lb=453592mg libbre=453592mg mezzo=x1/2 mezza=x1/2 quarto=x1/4
    dozzina=x12 doppio=x2 doppia=x2
    pezzo=# pezzi=# pz=# unità=# confezione=#+ confezioni=#+ bottiglia=#bottle bottiglie=#bottle lattina=#can lattine=#can
    barattolo=#jar barattoli=#jar vasetto=#jar vasetti=#jar rotolo=#roll rotoli=#roll tubetto=#tube tubetti=#tube mazzo=#bunch
    mazzi=#bunch fetta=#slice fette=#slice barretta=#bar barrette=#bar compressa=#tablet compresse=#tablet vaschetta=#+tub
    vaschette=#+tub pacco=#+pack pacchi=#+pack pacchetto=#+packet pacchetti=#+packet busta=#+bag buste=#+bag sacchetto=#+bag
    sacchetti=#+bag scatola=#+box scatole=#+box cartone=#+carton cartoni=#+carton cassa=#+case casse=#+case
heard-endings = a= e= i= o= ia= ie= io= chi=c che=c ghi=g ghe=g s=
heard-heads = 1=
heard-fillers = il= lo= la= i= gli= le= l= un= uno= una= di= d= del= dello= della= dei= degli= delle= dell= e= ed= mio= mia=
    miei= mie= quello= quella= quelli= quelle= questo= questa= questi= queste= quel= quei= tutto=all tutti=all tutta=all tutte=all
    entrambi=all entrambe=all ognuno=all ciascuno=all tranne=except eccetto=except fuorché=except salvo=except meno=except
heard-halves = e_aggiungi=:add e_metti=:add e_poi_aggiungi=:add e_poi_metti=:add poi_aggiungi=:add poi_metti=:add e_prendi=:add e_compra=:add
    e_mettici=:add e_dammi=:add e_vorrei=:add e_togli=:remove e_poi_togli=:remove poi_togli=:remove e_leva=:remove e_elimina=:remove e_rimuovi=:remove
heard-joiners = e= ed= più=
heard-corrections = no_aspetta= aspetta_no= volevo_dire= no_volevo_dire= cioè= anzi= anzi_no= no_anzi= no_scusa= scusa_volevo_dire=
heard-each = cadauno= cad= ciascuno= ciascuna= al_pezzo= pezzo= singolo=

## How a wish goes on, in words that the search understands: "pizza" and "without mushrooms"

wish-without = { $words } senza { $what }
wish-not = { $words } non { $what }
wish-cheapest = { $words } più economico

## How money is said: code=word; a currency without a word here is written with its sign, as the language writes it

said-currencies = { "" }
