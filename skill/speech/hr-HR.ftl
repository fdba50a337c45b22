### Što Sayso govori na hrvatskom. Kratko: tko kupuje, sluša s pola uha. Obraća se na ti.
### A key names a whole sentence, or a whole noun phrase that sentences take in. Product names are never declined: they stand in the
### nominative, or after a colon, so that no sentence needs another case of a word from a feed.

## Products, as they are named

name = { $name }
name-sized = { $name }, { $size }
priced = { $name }, { $price }
priced-before = { $item }, već naručeno { $month ->
    [0] ovog mjeseca
    [1] u siječnju
    [2] u veljači
    [3] u ožujku
    [4] u travnju
    [5] u svibnju
    [6] u lipnju
    [7] u srpnju
    [8] u kolovozu
    [9] u rujnu
    [10] u listopadu
    [11] u studenom
   *[12] u prosincu
  }
counted = { $quantity } { $name }
text = { $text }

## Welcome and goodbye

welcome = Pozdrav! Ovdje { $seller }.
welcome-ask = Što tražiš?
welcome-back = Lijepo da si opet tu! Ovdje { $seller }. { $pieces ->
    [one] U košarici ti je { $pieces } artikl.
    [few] U košarici su ti { $pieces } artikla.
   *[other] U košarici ti je { $pieces } artikala.
  }
welcome-back-ask = Želiš li nešto potražiti ili na blagajnu?
goodbye = Doviđenja.
goodbye-cart = Doviđenja. Košarica te čeka do idućeg puta.
goodbye-quoted = Doviđenja. Ništa nije naručeno, a košarica te čeka do idućeg puta.
start-over = Krenimo ispočetka.
start-over-cart = Krenimo ispočetka. Košarica je kakva je i bila.
cancelled-question = U redu, ništa onda.

## Finding

find-what = Što tražiš?
find-else = Što još da ti potražim?
find-otherwise = Probaj drugim riječima, na primjer markom ili vrstom proizvoda. Što tražiš?
avoiding = Dok ne kreneš ispočetka, bez: { $what }.
found-one = Evo što sam našla: { $first }.
found-one-weak = Za "{ $words }" najbliže je: { $first }.
found-two = Našla sam dva. Prvi, { $first }. Drugi, { $second }.
found-two-weak = Za "{ $words }" najbliže je: prvi, { $first }; drugi, { $second }.
found-two-more = Još dva. Prvi, { $first }. Drugi, { $second }.
found-three = Našla sam tri. Prvi, { $first }. Drugi, { $second }. Treći, { $third }.
found-three-weak = Za "{ $words }" najbliže je: prvi, { $first }; drugi, { $second }; treći, { $third }.
found-three-more = Još tri. Prvi, { $first }. Drugi, { $second }. Treći, { $third }.
found-similar = Za "{ $words }" nisam našla ništa. Najbliže je: { $item }.
found-category = Za "{ $words }" nisam našla ništa, ali imamo: { $category }.
found-nothing = Za "{ $words }" nisam našla ništa.
found-none-stated = Za "{ $words }" nisam našla ništa što to i navodi.
found-none-so = Nisam našla ništa što je sve to.
all-sold-out = Najbolje što imamo, { $item }, rasprodano je.
is-sold-out = { $item }: rasprodano.
no-more-results = To je sve što sam našla.
nothing-cheaper = Ništa jeftinije te vrste nemam.
no-other-brand = Drugu marku toga nemam.
no-other-brand-below = Drugu marku toga do { $price } nemam.
no-other-color = Drugu boju toga nemam.
choose-or-find = Želiš li nešto od toga ili nešto drugo?
which-one = Koji želiš?
which-or-more = Koji želiš, ili još?
which-of-two = Koji: prvi, { $first }, ili drugi, { $second }?
which-of-three = Koji: prvi, { $first }; drugi, { $second }; ili treći, { $third }?
more-or-find = Reci još za druge, ili što ti još treba.
chosen = { $item }.
offer = { $quantity ->
    [1] Da ga stavim u košaricu?
    [one] Da stavim { $quantity } u košaricu?
    [few] Da stavim { $quantity } u košaricu?
   *[other] Da stavim { $quantity } u košaricu?
  }
offer-packs = { $quantity ->
    [1] U pakiranju ih je { $pieces }. Da stavim jedno pakiranje u košaricu?
    [one] U { $quantity } pakiranje ide { $pieces } komada. Da stavim { $quantity } u košaricu?
    [few] U { $quantity } pakiranja ide { $pieces } komada. Da stavim { $quantity } u košaricu?
   *[other] U { $quantity } pakiranja ide { $pieces } komada. Da stavim { $quantity } u košaricu?
  }
offer-again = Da ga stavim u košaricu?
not-added = U redu, ne stavljam ga.
gone = Žao mi je, toga više nema.

## About a product

claimed = Da, trgovina to navodi.
not-claimed = Trgovina to ne navodi.
none-claimed = Trgovina to ne navodi ni za jedan od njih.
about-item = { $item }.
stars = { $tenth ->
    [0] { $whole }
   *[other] { $whole },{ $tenth }
  }
about-rating = { $reviews ->
    [0] Ocjena { $stars } od 5.
    [one] Ocjena { $stars } od 5, prema { $reviews } kupcu.
    [few] Ocjena { $stars } od 5, prema { $reviews } kupca.
   *[other] Ocjena { $stars } od 5, prema { $reviews } kupaca.
  }
about-review = Netko kaže: { $review }.
about-allergens = Sadrži: { $allergens }.
about-allergens-unknown = Alergeni nisu navedeni.
some-allergens-unknown = Alergeni nisu navedeni za sve.
about-contents-unknown = Nije navedeno je li doista bez toga.
some-contents-unknown = Ne piše za sve da su bez toga.
about-age = Samo za starije od { $years ->
    [one] { $years } godine.
    [few] { $years } godine.
   *[other] { $years } godina.
  }
about-sold-out = Trenutačno je rasprodano.

## The cart

added = Stavljeno: { $item }, { $quantity ->
    [1] { $price }.
   *[other] { $price } po komadu.
  }
changed = Sada: { $item }, { $quantity ->
    [1] { $price }.
   *[other] { $price } po komadu.
  }
removed = Izvađeno: { $item }.
cart-total = Košarica ti iznosi { $total }.
cart-now-empty = Košarica ti je sada prazna.
cart-empty = Košarica ti je prazna.
cart-lines = U košarici imaš: { $lines }. Ukupno { $total } bez poreza i dostave.
cart-lines-more = U košarici imaš: { $lines }, i { $others ->
    [one] još { $others } proizvod.
    [few] još { $others } proizvoda.
   *[other] još { $others } proizvoda.
  } Ukupno { $total } bez poreza i dostave.
cart-cleared = Košarica ti je sada prazna.
cart-kept = U redu, košarica ostaje kakva jest.
clear-really = { $lines ->
    [one] Da ispraznim košaricu? U njoj je { $lines } proizvod.
    [few] Da ispraznim košaricu? U njoj su { $lines } proizvoda.
   *[other] Da ispraznim košaricu? U njoj je { $lines } proizvoda.
  }
clear-again = Da ispraznim košaricu?
clear-but = Da iz košarice izvadim sve osim: { $items }?
anything-else = Još nešto? Kad završiš, reci na blagajnu.
check-out-or-more = Za narudžbu reci na blagajnu, ili što ti još treba.
check-out-or-stop = Za narudžbu reci na blagajnu, ili dosta ako ćeš poslije.
nothing-more = U redu.
quantity-invalid = Mogu staviti samo cijeli broj, od jedan naviše.
quantity-max = { $most ->
    [one] Od jednog proizvoda u košaricu stane najviše { $most } komad.
    [few] Od jednog proizvoda u košaricu stanu najviše { $most } komada.
   *[other] Od jednog proizvoda u košaricu stane najviše { $most } komada.
  }
lines-max = { $most ->
    [one] U košaricu stane { $most } proizvod, i puna je.
    [few] U košaricu stanu { $most } različita proizvoda, i puna je.
   *[other] U košaricu stane { $most } različitih proizvoda, i puna je.
  }
how-many = { $item }: koliko komada želiš?
how-many-again = Koliko komada želiš?
number-for-what = Čula sam broj, ali ništa nisam pitala.
only-some-left = { $available ->
    [one] { $item }: ostao je samo { $available } komad.
    [few] { $item }: ostala su samo { $available } komada.
   *[other] { $item }: ostalo je samo { $available } komada.
  }
sold-out = Žao mi je, { $item }: rasprodano. Već imaš sve.
not-in-cart = U košarici ne vidim "{ $words }".
not-in-cart-that = Toga nema u košarici.
mean-line = Misliš na ovo: { $item }?
take-out-really = Da to opet izvadim iz košarice: { $item }?
in-cart = U košarici imaš { $quantity }.
one-at-a-time = Mogu dodati jedan po jedan proizvod.
one-half-first = Prvo ovo. Poslije mi opet reci "{ $words }".

## Checking out

quote = { $seller } dostavlja: { $lines }. Adresa: { $address }. Dostava { $delivery }, porez { $tax }, ukupno { $total }.
ask-code = Za narudžbu mi reci svoj četveroznamenkasti kod.
ask-number = Ako to želiš, reci riječ naruči i zatim ovaj broj: { $number }.
ask-yes = Da pošaljem narudžbu?
platform-asks-code = Za narudžbu potvrdi svojim glasovnim kodom.
code-again = Koji je tvoj četveroznamenkasti kod?
code-not-heard = Kod nisam dobro čula.
code-wrong = To nije pravi kod.
code-locked = Kod je prečesto bio pogrešan, pa je naručivanje zaključano. Odrasla osoba može ga promijeniti na stranici kućanstva. Ništa nije naručeno.
code-for-what = Kod nisam tražila, pa ga nisam ni slušala.
quote-changed = Nešto se promijenilo, pa evo narudžbe još jednom.
quote-too-long = Ova je narudžba preduga da bih je pročitala odjednom. Izvadi nešto iz košarice i podijeli je na dvije narudžbe.
quote-expired = Predugo je trajalo, pa ništa nije naručeno.
other-device = Ta je narudžba krenula s drugog uređaja, pa ovdje ništa nije naručeno.
speaker-changed = Sada čujem nekog drugog, pa pitam još jednom.
warn-duplicate = Ista košarica naručena je maloprije. Opet?
not-ordered = U redu, ništa nije naručeno. Košarica ti je na sigurnom.
not-ordered-next = Reci na blagajnu za novi pokušaj, ili što ti još treba.
nothing-ordered = Ništa nije naručeno.
nothing-to-confirm = Nijedna narudžba na to ne čeka.
still-working = Na toj narudžbi još radim. Malo poslije pitaj: gdje je moja narudžba.
ordered = Gotovo. Naručeno: { $lines }. Ukupno { $total }.
can-undo = { $minutes ->
    [one] Imaš { $minutes } minutu da kažeš: otkaži moju zadnju narudžbu.
    [few] Imaš { $minutes } minute da kažeš: otkaži moju zadnju narudžbu.
   *[other] Imaš { $minutes } minuta da kažeš: otkaži moju zadnju narudžbu.
  }
needs-adult = Ova narudžba iznosi { $total }, a iznad { $cap } treba odrasla osoba. Zatražila sam odobrenje. Dok ga ne da, ništa nije naručeno.
needs-adult-voice = Ne poznajem tvoj glas, pa za narudžbu od { $total } treba odrasla osoba. Zatražila sam odobrenje. Dok ga ne da, ništa nije naručeno.
reminder-offer = Da te podsjetim za pola sata?
reminder-set = U redu, podsjetit ću te za pola sata.
reminder-permission = Još ne smijem postavljati podsjetnike. U aplikaciji Alexa te čeka kartica: tamo dopusti podsjetnike, pa te mogu podsjetiti sljedeći put.
reminder-failed = Podsjetnik nije postavljen.
reminder-text = Tvoja narudžba od { $total } možda još čeka odraslu osobu.
approvals-full = Ova narudžba iznosi { $total } i treba odraslu osobu, ali { $waiting ->
    [one] na nju već čeka { $waiting } narudžba.
    [few] na nju već čekaju { $waiting } narudžbe.
   *[other] na nju već čeka { $waiting } narudžbi.
  }
told-approved = Tvoja narudžba od { $total } odobrena je i poslana.
told-refused = Odrasla osoba odbila je tvoju narudžbu od { $total }.
told-lapsed = Nitko nije na vrijeme odobrio tvoju narudžbu od { $total }, pa nije poslana.
told-changed = Tvoja narudžba od { $total } nije poslana jer se nešto u njoj promijenilo. Zatraži je ponovno.
change-cart = Možeš promijeniti košaricu ili potražiti nešto drugo. Što želiš?
change-or-remove = Reci neka ih bude { $available }, ili izvadi ga.
remove-it = Reci izvadi ga, ili što ti još treba.
line-gone = Nešto iz košarice više se ne prodaje, pa sam to izvadila. Ništa nije naručeno.
line-short = { $available ->
    [one] { $item }: ostao je samo { $available } komad. Ništa nije naručeno.
    [few] { $item }: ostala su samo { $available } komada. Ništa nije naručeno.
   *[other] { $item }: ostalo je samo { $available } komada. Ništa nije naručeno.
  }
line-sold-out = { $item }: upravo rasprodano. Ništa nije naručeno.
not-linked = Ovaj uređaj još nije povezan s kućanstvom, pa može tražiti, ali ne i naručivati. Za povezivanje reci: daj mi kod za povezivanje.
payment-declined = Plaćanje je odbijeno, pa ništa nije naručeno.
payment-action-required = Banka traži da vlasnik kartice potvrdi ovo plaćanje, a to se ne može glasom. Ništa nije naručeno.
payment-unknown = Plaćanje još nije odgovorilo. Čuvam ti narudžbu; nemoj naručivati ponovno. Poslije možeš reći: gdje je moja narudžba.

## Linking a device

pair-code = Kod za povezivanje je: { $letters }. Odrasla osoba iz kućanstva može ga upisati. Vremena ima: { $minutes ->
    [one] { $minutes } minutu.
    [few] { $minutes } minute.
   *[other] { $minutes } minuta.
  }
pair-again-or-find = Reci ponovi da ga čuješ još jednom, ili što tražiš.
pair-already = Ovaj je uređaj već povezan s kućanstvom.
pair-no-account = Ne mogu znati čiji je ovo uređaj, pa ga ne mogu povezati. Prvo se prijavi.
pair-too-many = Trenutačno se povezuje previše uređaja. Pokušaj ponovno za deset minuta.

## Why not

refused-not-authentic = Ne mogu znati tko pita, pa ne mogu naručiti.
refused-policy-unreadable = Ne mogu pročitati ograničenja ovog kućanstva, pa ne mogu naručiti.
refused-ordering-off = Glasovno naručivanje isključeno je u ovom kućanstvu.
refused-frozen = Naručivanje je zamrznuto. Odrasla osoba može ga odmrznuti na stranici kućanstva.
store-frozen = Trgovina trenutačno ne prima narudžbe.
refused-code-not-set = Ovo kućanstvo još nema kod za kupnju. Odrasla osoba može ga postaviti na stranici kućanstva.
refused-code-locked = Naručivanje je zaključano nakon previše pogrešnih kodova. Odrasla osoba može promijeniti kod na stranici kućanstva.
refused-speaker-unrecognised = Ne prepoznajem tvoj glas, a ovo kućanstvo prima narudžbe samo od glasova koje znam.
refused-currency = Ograničenja ovog kućanstva u drugoj su valuti.
refused-empty = U košarici nema ničega.
refused-lines-max = { $lines_max ->
    [one] U jednu narudžbu stane { $lines_max } proizvod.
    [few] U jednu narudžbu stanu { $lines_max } različita proizvoda.
   *[other] U jednu narudžbu stane { $lines_max } različitih proizvoda.
  }
refused-quantity = { $quantity_max ->
    [one] { $title }: u jednu narudžbu stane { $quantity_max } komad.
    [few] { $title }: u jednu narudžbu stanu { $quantity_max } komada.
   *[other] { $title }: u jednu narudžbu stane { $quantity_max } komada.
  }
refused-price-invalid = Jedna cijena u košarici nije ispravna.
refused-sku-denied = { $title }: to se ovdje ne može naručiti.
refused-category-denied = { $title }: to se ovdje ne može naručiti glasom.
refused-category-not-allowed = { $title }: to nije među onim što ovo kućanstvo dopušta.
refused-quiet-hours = U ovom je kućanstvu vrijeme mira, pa narudžbe moraju pričekati.
refused-order-gap = { $wait_s ->
    [one] To je bilo brzo. Između dviju narudžbi pričekaj { $wait_s } sekundu.
    [few] To je bilo brzo. Između dviju narudžbi pričekaj { $wait_s } sekunde.
   *[other] To je bilo brzo. Između dviju narudžbi pričekaj { $wait_s } sekundi.
  }
refused-order-max = To prelazi tvoje ograničenje od { $cap } po narudžbi.
refused-day-max = To prelazi tvoje ograničenje od { $cap } na dan; danas ostaje { $left }.
refused-week-max = To prelazi tvoje ograničenje od { $cap } na tjedan; ostaje { $left }.
refused-month-max = To prelazi tvoje ograničenje od { $cap } na mjesec; ostaje { $left }.
refused-year-max = To prelazi tvoje ograničenje od { $cap } na godinu; ostaje { $left }.
refused-ever-max = To prelazi tvoje ograničenje od { $cap } sveukupno; ostaje { $left }.
refused-no-code-max = To prelazi tvoje ograničenje od { $cap } bez koda; ostaje { $left }.
refused-no-pin-order-max = Bez koda narudžba može stajati najviše { $cap }.
refused-orders-per-day-max = { $orders_max ->
    [1] Ovo kućanstvo smije naručiti jednom na dan.
    [one] Ovo kućanstvo smije naručiti { $orders_max } put na dan.
    [few] Ovo kućanstvo smije naručiti { $orders_max } puta na dan.
   *[other] Ovo kućanstvo smije naručiti { $orders_max } puta na dan.
  }
cap-just-reached = Druga narudžba tvojeg kućanstva upravo je iskoristila ograničenje.
rule-stopped = To trenutačno nije moguće.

## After the order

no-orders = Još nema nijedne narudžbe.
ago = { $minutes ->
    [0] maloprije
    [1] prije minutu
    [one] prije { $minutes } minutu
    [few] prije { $minutes } minute
   *[other] prije { $minutes } minuta
  }
ago-days = { $days ->
    [one] prije { $days } dan
    [few] prije { $days } dana
   *[other] prije { $days } dana
  }
status-reserved = Tvoja narudžba, { $ago }, { $total }, čeka plaćanje.
status-unknown = Tvoja narudžba, { $ago }, { $total }, čeka odgovor plaćanja.
status-committed = Tvoja narudžba, { $ago }, { $lines } za { $total }, u trgovini je.
status-shipped = Tvoja narudžba, { $ago }, { $lines } za { $total }, na putu je.
status-cancelled = Tvoja narudžba, { $ago }, { $total }, otkazana je.
status-voided = Tvoja narudžba, { $ago }, nije plaćena, pa ništa nije kupljeno.
undone = Narudžba je otkazana, i vraća ti se { $total }.
undone-refund-later = Narudžba je otkazana. { $total } vraća ti se čim banka odgovori.
undone-refund-declined = Narudžba je otkazana, ali banka nije vratila { $total }. Nazovi trgovinu.
undone-before = Tvoja zadnja narudžba već je otkazana.
undo-offer = Da otkažem i onu prije nje, { $lines } za { $total }?
undo-too-late = Prekasno je da se narudžba otkaže glasom. Nazovi trgovinu.
undo-shipped = Narudžba je već na putu. Nazovi trgovinu.
undo-not-yet = Narudžba još čeka plaćanje. Pokušaj ponovno za minutu.

## Limits

limit-order = Jedna narudžba smije stajati { $cap }.
limit-order-none = Za jednu narudžbu nema ograničenja.
limit-day = Narudžbe jednog dana smiju stajati { $cap }.
limit-day-none = Za dan nema ograničenja.
limit-spent = Danas je potrošeno { $spent }.
limit-lowered = Gotovo. Jedna narudžba sada smije stajati najviše { $cap }.
limit-how-much = Na koji iznos da spustim ograničenje za jednu narudžbu?
limits-not-by-voice = Glasom mogu ograničenja samo pooštriti. Odrasla osoba može ih promijeniti na stranici kućanstva.
frozen-now = Naručivanje je sada zamrznuto. Odrasla osoba može ga odmrznuti na stranici kućanstva.

## Help

help = Možeš reći: nađi zobeno mlijeko, što je u košarici, ili na blagajnu. Ništa se ne kupuje dok ne potvrdiš.
help-cart = Možeš potražiti nešto drugo, reći što je u košarici, ili na blagajnu. Ništa se ne kupuje dok ne potvrdiš.
help-offer = Reci da pa ga stavljam u košaricu, ili ne pa ga ostavljam.
help-choose = Reci prvi, drugi ili treći, još za druge, ili potraži nešto drugo.
help-clear = Reci da pa praznim košaricu, ili ne pa ostaje.
help-how-many = Reci cijeli broj, na primjer dva.
help-challenge-code = Ovo kućanstvo prije svake narudžbe traži svoj četveroznamenkasti kod. Reci dosta ako ne želiš.
help-challenge-spoken-number = Za narudžbu reci riječ naruči i broj. Reci dosta ako ne želiš.
help-challenge-yes = Reci da za narudžbu, ili ne ako ne želiš.
nothing-to-answer = Nijedno pitanje na to ne čeka.
request-unknown = To još ne znam.

missed-start-1 = Oprosti, nisam razumjela. Probaj: nađi najjeftiniju hranu za pse.
missed-start-2 = To mi je promaklo. Možeš tražiti proizvod, na primjer zobeno mlijeko. Što ti treba?
missed-start-3 = Opet ništa. Reci pomoć da čuješ što znam, ili nađi i neki proizvod.
missed-cart-1 = Oprosti, nisam razumjela. Reci što je u košarici, na blagajnu, ili nađi i neki proizvod.
missed-cart-2 = To mi je promaklo. Želiš li potražiti nešto drugo ili na blagajnu?
missed-cart-3 = Opet ništa. Košarica ti je na sigurnom. Reci pomoć da čuješ što znam.
missed-offer-1 = Oprosti, je li to bilo da ili ne? Da ga stavim u košaricu?
missed-offer-2 = Reci da pa ga stavljam u košaricu, ili ne pa ga ostavljam. Da ili ne?
missed-offer-3 = Još mi treba da ili ne, ili reci nađi i drugi proizvod.
missed-choose-1 = Oprosti, koji? Reci prvi, drugi ili treći.
missed-choose-2 = Možeš reći drugi, još, ili potraži nešto drugo. Koji želiš?
missed-choose-3 = Opet ništa. Reci ponovi da ih čuješ još jednom, ili nađi i drugi proizvod.
missed-clear-1 = Oprosti, je li to bilo da ili ne? Da ispraznim košaricu?
missed-clear-2 = Reci da pa praznim košaricu, ili ne pa ostaje. Da ili ne?
missed-clear-3 = Još mi treba da ili ne. Košarica je kakva je i bila.
missed-how-many-1 = Oprosti, koliko?
missed-how-many-2 = Reci broj, na primjer dva. Koliko komada želiš?
missed-how-many-3 = Još mi treba broj, ili reci odustani.

## When something fails

busy = Dvije su stvari stigle odjednom.
try-again = Možeš li to ponoviti?
storage-failed = Oprosti, kod nas nešto ne radi. Ništa nije naručeno.
storage-failed-after-order = Oprosti, nisam uspjela završiti. Nemoj naručivati ponovno; za minutu pitaj: gdje je moja narudžba.
catalogue-missing = Trgovina još nema proizvoda. Ništa nije naručeno. Vrati se poslije.

## Cards

card-products = Što sam našla
card-cart = Tvoja košarica
card-cart-total = Roba: { $total }
card-quote = Narudžba: { $seller }
card-receipt = Račun: { $seller }
card-order = Narudžba { $order }
card-delivery = Dostava: { $delivery }
card-tax = Porez: { $tax }
card-total = Ukupno: { $total }
card-address = Adresa dostave: { $address }
card-pair = Poveži ovaj uređaj
card-reminders = Podsjetnici
card-pair-code = Kod za povezivanje: { $letters }. Vrijedi: { $minutes } min.

## Suggestions, as they may be tapped

suggest-find = nađi zobeno mlijeko
suggest-help = pomoć
suggest-yes = da
suggest-no = ne
suggest-first = prvi
suggest-more = još
suggest-about = reci mi više o tome
suggest-cart = što je u košarici
suggest-clear = isprazni košaricu
suggest-check-out = na blagajnu
suggest-repeat = ponovi
suggest-stop = dosta

## How the language is heard: word=meaning, an underscore for a space; a number without a meaning says nothing

heard-digits = nula=0 jedan=1 jedna=1 jedno=1 jednu=1 dva=2 dvije=2 tri=3 četiri=4 pet=5 šest=6 sedam=7 osam=8 devet=9
heard-numbers = nula=0 jedan=1 jedna=1 jedno=1 jednu=1 jednog=1 dva=2 dvije=2 tri=3 četiri=4 pet=5 šest=6 sedam=7 osam=8
    devet=9 deset=10 jedanaest=11 dvanaest=12 trinaest=13 četrnaest=14 petnaest=15 šesnaest=16 sedamnaest=17
    osamnaest=18 devetnaest=19 dvadeset=20 trideset=30 četrdeset=40 pedeset=50 šezdeset=60 sedamdeset=70 osamdeset=80
    devedeset=90 sto=100 stotinu=100 dvjesto=200 dvjesta=200 tristo=300 trista=300 četiristo=400 petsto=500 šesto=600
    šeststo=600 sedamsto=700 osamsto=800 devetsto=900 stotine=x100 stotina=x100 tisuću=x1000 tisuće=x1000
    tisuća=x1000 tucet=x12 par=x2 i= eura= euro= euri= dolara= dolar= komada= komad=
heard-money = euro= eura= eure= euri= eurima= eur= cent= centa= centi= cente= dolar= dolara= dolari=
heard-ordinals = last=-1 all=0 prvi=1 prva=1 prvo=1 prvu=1 prvog=1 prve=1 drugi=2 druga=2 drugo=2 drugu=2 drugog=2 druge=2 treći=3
    treća=3 treće=3 treću=3 trećeg=3 četvrti=4 četvrta=4 četvrto=4 četvrtu=4 četvrtog=4 peti=5 peta=5 peto=5 petu=5
    petog=5 zadnji=-1 zadnja=-1 zadnje=-1 zadnju=-1 zadnjeg=-1 posljednji=-1 posljednja=-1 posljednje=-1
    posljednju=-1 posljednjeg=-1
heard-pronouns = jedan= jedna= jedno= neki= neka= neko= neke= onaj= ona= ono=
heard-descriptions = bigger=big biggest=big larger=big largest=big big=big large=big smaller=small smallest=small
    small=small cheaper=cheap cheapest=cheap pricier=dear priciest=dear best_rated=best veći=big veća=big veće=big
    veću=big najveći=big najveća=big najveće=big najveću=big velik=big veliki=big velika=big veliko=big veliku=big
    manji=small manja=small manje=small manju=small najmanji=small najmanja=small najmanje=small mali=small mala=small
    malo=small malu=small jeftiniji=cheap jeftinija=cheap jeftinije=cheap jeftiniju=cheap najjeftiniji=cheap
    najjeftinija=cheap najjeftinije=cheap najjeftiniju=cheap jeftin=cheap skuplji=dear skuplja=dear skuplje=dear
    najskuplji=dear najskuplja=dear najskuplje=dear skup=dear najbolji=best najbolja=best najbolje=best bolji=best
    bolje_ocijenjen=best bolje_ocijenjena=best
    bolje_ocijenjeno=best najbolje_ocijenjen=best najbolje_ocijenjeni=best
heard-sizes = g=1000mg gr=1000mg gram=1000mg grama=1000mg dag=10000mg deka=10000mg kg=1000000mg kila=1000000mg kile=1000000mg
    kilogram=1000000mg kilograma=1000000mg ml=1000ul dl=100000ul deci=100000ul cl=10000ul l=1000000ul litra=1000000ul
    litre=1000000ul litara=1000000ul oz=28350mg/ul lb=453592mg pola=x1/2 četvrt=x1/4 tucet=x12 dupli=x2
    kom=# komad=# komada=# komadi=# pakiranje=#+ pakiranja=#+ boca=#bottle boce=#bottle boci=#bottle bocu=#bottle limenka=#can
    limenke=#can limenku=#can limenki=#can staklenka=#jar staklenke=#jar staklenku=#jar staklenki=#jar rola=#roll role=#roll
    rolu=#roll rolica=#roll tuba=#tube tube=#tube tubu=#tube vezica=#bunch vezice=#bunch glavica=#head glavice=#head
    šnita=#slice šnite=#slice šniti=#slice šnitu=#slice kriška=#slice kriške=#slice kriški=#slice
    krišku=#slice tableta=#tablet tablete=#tablet čaša=#cup čaše=#cup čašu=#cup
    paket=#+packet paketa=#+packet paketi=#+packet paketić=#+packet paketića=#+packet kutija=#+box kutije=#+box kutiju=#+box
    vrećica=#+bag vrećice=#+bag vrećicu=#+bag tetrapak=#+carton tetrapaka=#+carton gajba=#+case gajbe=#+case gajbu=#+case
    litru=1000000ul kilo=1000000mg kilu=1000000mg
heard-endings = a= e= i= o= u= ama= ima= ovi= ove= ova= evi= eve= eva= og= eg= oj= ih= om= s=
heard-heads = 1= -1=
heard-fillers = i= te= od= moj= moja= moje= moju= taj= ta= to= te= tu= ovaj= ova= ovo= onaj= ona= ono= onu= sve=all svi=all
    sva=all svaki=all svaku=all svako=all oba=all obje=all oboje=all osim=except sem=except izuzev=except
heard-halves = i_dodaj=:add i_stavi=:add i_ubaci=:add i_onda_dodaj=:add i_onda_stavi=:add pa_dodaj=:add pa_stavi=:add i_uzmi=:add i_kupi=:add i_daj_mi=:add
    i_treba_mi=:add i_izvadi=:remove i_makni=:remove i_ukloni=:remove i_izbaci=:remove i_onda_izvadi=:remove pa_izvadi=:remove pa_makni=:remove
heard-joiners = i= te= plus=
heard-corrections = ne_čekaj= čekaj_ne= mislim= mislila_sam= mislio_sam= zapravo= odnosno= ne_oprosti= oprosti_mislim=
heard-each = komad= po_komadu= kom= svaki=

## How a wish goes on, in words that the search understands: "pizza" and "without mushrooms"

wish-without = { $words } bez { $what }
wish-not = { $words } ne { $what }
wish-cheapest = najjeftinije { $words }

## How money is said: code=word; a currency without a word here is written with its sign, as the language writes it

said-currencies = { "" }
