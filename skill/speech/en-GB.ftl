### What Sayso says in British English. Short: a shopper listens with half an ear.
### A key names a whole sentence, or a whole noun phrase that sentences take in.

## Products, as they are named

name = { $name }
name-sized = { $name }, { $size }
priced = { $name }, { $price }
priced-before = { $item }, the one you had { $month ->
    [0] this month
    [1] in January
    [2] in February
    [3] in March
    [4] in April
    [5] in May
    [6] in June
    [7] in July
    [8] in August
    [9] in September
    [10] in October
    [11] in November
   *[12] in December
  }
counted = { $quantity } { $name }
text = { $text }

## Welcome and goodbye

welcome = Welcome to { $seller }.
welcome-ask = What are you looking for?
welcome-back = Welcome back to { $seller }. { $pieces ->
    [one] There is one item in your basket.
   *[other] There are { $pieces } items in your basket.
  }
welcome-back-ask = Would you like to find something, or check out?
goodbye = Goodbye.
goodbye-cart = Goodbye. Your basket will be here next time.
goodbye-quoted = Goodbye. Nothing was ordered, and your basket will be here next time.
start-over = Let's start over.
start-over-cart = Let's start over. Your basket is as you left it.
cancelled-question = Right, never mind.

## Finding

find-what = What are you looking for?
find-else = What else can I find for you?
find-otherwise = Try other words, such as a brand or a kind of product. What are you looking for?
avoiding = I'll leave out { $what } until you start over.
found-one = I found { $first }.
found-one-weak = The closest to "{ $words }" is { $first }.
found-two = I found two. First, { $first }. Second, { $second }.
found-two-weak = Closest to "{ $words }": first, { $first }; second, { $second }.
found-two-more = Two more. First, { $first }. Second, { $second }.
found-three = I found three. First, { $first }. Second, { $second }. Third, { $third }.
found-three-weak = Closest to "{ $words }": first, { $first }; second, { $second }; third, { $third }.
found-three-more = Three more. First, { $first }. Second, { $second }. Third, { $third }.
found-similar = I found nothing for "{ $words }". The nearest is { $item }.
found-category = I found nothing for "{ $words }", but we have { $category }.
found-nothing = I found nothing for "{ $words }".
found-none-stated = I found nothing for "{ $words }" that says so itself.
found-none-so = Nothing that I found is all of that.
all-sold-out = The best match, { $item }, is sold out.
is-sold-out = { $item } is sold out.
no-more-results = That was all I found.
nothing-cheaper = I have nothing cheaper of that kind.
no-other-brand = I have no other brand of that.
no-other-brand-below = I have no other brand of that for { $price } or less.
no-other-color = I have no other colour of that.
choose-or-find = Would you like one of those, or something else?
which-one = Which one would you like?
which-or-more = Which one, or more?
which-of-two = Which one: first, { $first }, or second, { $second }?
which-of-three = Which one: first, { $first }; second, { $second }; or third, { $third }?
more-or-find = Say more for other choices, or tell me what else you need.
chosen = { $item }.
offer = { $quantity ->
    [one] Shall I add it to your basket?
   *[other] Shall I add { $quantity } to your basket?
  }
offer-packs = { $quantity ->
    [one] It comes with { $pieces } in a pack. Shall I add one pack to your basket?
   *[other] { $quantity } packs make { $pieces }. Shall I add { $quantity } packs to your basket?
  }
offer-again = Shall I add it to your basket?
not-added = Right, I've left it out.
gone = Sorry, that one isn't here any more.

## About a product

claimed = Yes, the shop says so.
not-claimed = The shop does not say so.
none-claimed = The shop says so of none of those.
about-item = { $item }.
stars = { $tenth ->
    [0] { $whole }
   *[other] { $whole }.{ $tenth }
  }
about-rating = { $reviews ->
    [0] Rated { $stars } out of 5.
    [one] Rated { $stars } out of 5 by one shopper.
   *[other] Rated { $stars } out of 5 by { $reviews } shoppers.
  }
about-review = One says: { $review }.
about-allergens = Contains { $allergens }.
about-allergens-unknown = Allergens are not listed.
some-allergens-unknown = Not all of them list their allergens.
about-contents-unknown = I do not know whether that is left out.
some-contents-unknown = Not all of them say that it is left out.
about-age = For buyers of { $years } and older.
about-sold-out = It's sold out at the moment.

## The cart

added = Added { $item }, { $quantity ->
    [one] { $price }.
   *[other] { $price } each.
  }
changed = Now { $item }, { $quantity ->
    [one] { $price }.
   *[other] { $price } each.
  }
removed = I've taken out { $item }.
cart-total = Your basket comes to { $total }.
cart-now-empty = Your basket is empty now.
cart-empty = Your basket is empty.
cart-lines = In your basket: { $lines }. Together { $total } before tax and delivery.
cart-lines-more = In your basket: { $lines }, and { $others ->
    [one] one more.
   *[other] { $others } more.
  } Together { $total } before tax and delivery.
cart-cleared = Your basket is empty now.
cart-kept = Right, I've left your basket as it is.
clear-really = { $lines ->
    [one] Shall I empty your basket? There is one product in it.
   *[other] Shall I empty your basket? There are { $lines } products in it.
  }
clear-again = Shall I empty your basket?
clear-but = Shall I take everything out of your basket but { $items }?
anything-else = Anything else? When you're done, say check out.
check-out-or-more = Say check out to order, or tell me what else you need.
check-out-or-stop = Say check out to order, or stop to leave it for later.
nothing-more = Right.
quantity-invalid = I can only add whole numbers, from one up.
quantity-max = I can put at most { $most } of one product in your basket.
lines-max = Your basket can hold { $most } different products, and it is full.
how-many = How many { $item } would you like?
how-many-again = How many would you like?
number-for-what = I heard a number, but I asked no question.
only-some-left = Only { $available } of { $item } are left.
sold-out = Sorry, { $item } is sold out. You have all there is.
not-in-cart = I see no "{ $words }" in your basket.
not-in-cart-that = That one is not in your basket.
mean-line = Do you mean { $item }?
take-out-really = Shall I take this out again: { $item }?
in-cart = You have { $quantity } in your basket.
one-at-a-time = I can add one product at a time.
one-half-first = First this. Then tell me about "{ $words }" again.

## Checking out

quote = { $seller } would deliver { $lines } to { $address }. Delivery { $delivery }, tax { $tax }, total { $total }.
ask-code = To order, tell me your four-digit code.
ask-number = If you want it, say the word order and then this number: { $number }.
ask-yes = Shall I place this order?
platform-asks-code = To order, confirm with your own voice code.
code-again = What is your four-digit code?
code-not-heard = I didn't catch the code.
code-wrong = That is not the right code.
code-locked = That code was wrong too often, so ordering is locked. An adult can reset it on the household page. Nothing was ordered.
code-for-what = I didn't ask for a code, so I ignored it.
quote-changed = Something changed, so here is the order again.
quote-too-long = This order is too long to read out in one go. Take something out of your basket and make two orders of it.
quote-expired = That took too long, so nothing was ordered.
other-device = That order was asked for on another device, so nothing was ordered here.
speaker-changed = I hear someone else now, so let me ask again.
warn-duplicate = You ordered the same basket a moment ago. Again?
not-ordered = Right, nothing was ordered. Your basket is safe.
not-ordered-next = Say check out to try again, or tell me what else you need.
nothing-ordered = Nothing was ordered.
nothing-to-confirm = There is no order waiting for that.
still-working = I'm still working on that order. Ask where is my order in a moment.
ordered = Done. { $lines } ordered, total { $total }.
can-undo = { $minutes ->
    [one] You have a minute to say: cancel my last order.
   *[other] You have { $minutes } minutes to say: cancel my last order.
  }
needs-adult = This order is { $total }, and orders over { $cap } need an adult. I have asked for approval. Nothing is ordered until they agree.
needs-adult-voice = I don't know your voice, so this order of { $total } needs an adult. I have asked for approval. Nothing is ordered until they agree.
reminder-offer = Shall I remind you in half an hour?
reminder-set = All right, I will remind you in half an hour.
reminder-permission = I may not set reminders yet. I have put a card in the Alexa app: allow it there, and I can remind you next time.
reminder-failed = I could not set the reminder.
reminder-text = Your order of { $total } may still be waiting for an adult.
approvals-full = This order is { $total } and needs an adult, but { $waiting ->
    [one] one is waiting for them already.
   *[other] { $waiting } are waiting for them already.
  }
told-approved = Your order of { $total } was approved and placed.
told-refused = An adult said no to your order of { $total }.
told-lapsed = Nobody approved your order of { $total } in time, so it was not placed.
told-changed = Your order of { $total } was not placed, because something in it had changed. Please ask again.
change-cart = You can change your basket, or ask for something else. What would you like?
change-or-remove = Say make it { $available }, or remove it.
remove-it = Say remove it, or tell me what else you need.
line-gone = Something in your basket is no longer sold, so I took it out. Nothing was ordered.
line-short = Only { $available } of { $item } are left. Nothing was ordered.
line-sold-out = { $item } has just sold out. Nothing was ordered.
not-linked = This device is not linked to a household yet, so it can find things but not order. To link it, say: give me a pairing code.
payment-declined = The payment was declined, so nothing was ordered.
payment-action-required = The bank wants the cardholder to confirm this payment, and that cannot be done by voice. Nothing was ordered.
payment-unknown = The payment has not answered yet. I'll keep your order; please don't order again. Later you can say: where is my order.

## Linking a device

pair-code = The pairing code is: { $letters }. An adult of the household can type it in within { $minutes } minutes.
pair-again-or-find = Say repeat to hear it again, or tell me what you are looking for.
pair-already = This device is linked to a household already.
pair-no-account = I can't tell whose device this is, so I can't link it. Please sign in first.
pair-too-many = Too many devices are being linked right now. Please try again in ten minutes.

## Why not

refused-not-authentic = I can't tell who is asking, so I can't order.
refused-policy-unreadable = I can't read the limits of this household, so I can't order.
refused-ordering-off = Ordering by voice is switched off for this household.
refused-frozen = Ordering is frozen. An adult can unfreeze it on the household page.
store-frozen = The shop takes no orders at the moment.
refused-code-not-set = This household has no purchase code yet. An adult can set one on the household page.
refused-code-locked = Ordering is locked after too many wrong codes. An adult can reset the code on the household page.
refused-speaker-unrecognised = I don't recognise your voice, and this household takes orders only from voices I know.
refused-currency = This household's limits are in another currency.
refused-empty = There is nothing in the basket.
refused-lines-max = One order may hold { $lines_max } different products.
refused-quantity = One order may hold { $quantity_max } of { $title }.
refused-price-invalid = A price in your basket is not right.
refused-sku-denied = { $title } may not be ordered here.
refused-category-denied = { $title } may not be ordered by voice here.
refused-category-not-allowed = { $title } is not among what this household allows.
refused-quiet-hours = It is quiet time in this household, so orders have to wait.
refused-order-gap = { $wait_s ->
    [one] That was quick. Please wait a second between orders.
   *[other] That was quick. Please wait { $wait_s } seconds between orders.
  }
refused-order-max = That is over your limit of { $cap } an order.
refused-day-max = That passes your limit of { $cap } a day; { $left } is left today.
refused-week-max = That passes your limit of { $cap } a week; { $left } is left.
refused-month-max = That passes your limit of { $cap } a month; { $left } is left.
refused-year-max = That passes your limit of { $cap } a year; { $left } is left.
refused-ever-max = That passes your limit of { $cap } altogether; { $left } is left.
refused-no-code-max = That passes your limit of { $cap } without a code; { $left } is left.
refused-no-pin-order-max = Without a code one order may cost { $cap } at most.
refused-orders-per-day-max = { $orders_max ->
    [one] This household may order once a day.
   *[other] This household may order { $orders_max } times a day.
  }
cap-just-reached = Another order of your household has just used up the limit.
rule-stopped = That is not possible right now.

## After the order

no-orders = There is no order yet.
ago = { $minutes ->
    [0] a moment ago
    [one] a minute ago
   *[other] { $minutes } minutes ago
  }
ago-days = { $days ->
    [one] a day ago
   *[other] { $days } days ago
  }
status-reserved = Your order from { $ago }, { $total }, is waiting for the payment.
status-unknown = Your order from { $ago }, { $total }, is waiting for the payment's answer.
status-committed = Your order from { $ago }, { $lines } for { $total }, is with the shop.
status-shipped = Your order from { $ago }, { $lines } for { $total }, is on its way.
status-cancelled = Your order from { $ago } over { $total } was cancelled.
status-voided = Your order from { $ago } was not paid, so nothing was bought.
undone = Your order is cancelled, and { $total } goes back to you.
undone-refund-later = Your order is cancelled. The { $total } will go back to you as soon as the bank answers.
undone-refund-declined = Your order is cancelled, but the bank has not given the { $total } back. Please ring the shop.
undone-before = Your last order is cancelled already.
undo-offer = Shall I also cancel the one before it, { $lines } for { $total }?
undo-too-late = It is too late to cancel that order by voice. Please ring the shop.
undo-shipped = That order is already on its way. Please ring the shop.
undo-not-yet = That order is still waiting for its payment. Please try again in a minute.

## Limits

limit-order = One order may cost { $cap }.
limit-order-none = There is no limit for one order.
limit-day = A day's orders may cost { $cap }.
limit-day-none = There is no limit for a day.
limit-spent = Today you have spent { $spent }.
limit-lowered = Done. One order may now cost { $cap } at most.
limit-how-much = What amount shall I lower the limit for one order to?
limits-not-by-voice = By voice I can only make limits tighter. An adult can change them on the household page.
frozen-now = Ordering is frozen now. An adult can unfreeze it on the household page.

## Help

help = You can say: find oat milk, what's in my basket, or check out. Nothing is bought until you confirm.
help-cart = You can find something else, say what's in my basket, or check out. Nothing is bought until you confirm.
help-offer = Say yes to put it in your basket, or no to leave it.
help-choose = Say the first, the second or the third, more for other choices, or find something else.
help-clear = Say yes to empty your basket, or no to keep it.
help-how-many = Say a whole number, such as two.
help-challenge-code = This household asks for its four-digit code before every order. Say stop to leave it.
help-challenge-spoken-number = To place the order, say the word order and the number. Say stop to leave it.
help-challenge-yes = Say yes to place the order, or no to leave it.
nothing-to-answer = There is no question waiting for that.
request-unknown = I can't do that yet.

missed-start-1 = Sorry, I didn't get that. Try: find the cheapest dog food.
missed-start-2 = I missed that. You can ask for a product, such as oat milk. What do you need?
missed-start-3 = Still no luck. Say help to hear what I can do, or find and then a product.
missed-cart-1 = Sorry, I didn't get that. Say what's in my basket, check out, or find and then a product.
missed-cart-2 = I missed that. Would you like to find something else, or check out?
missed-cart-3 = Still no luck. Your basket is safe. Say help to hear what I can do.
missed-offer-1 = Sorry, was that a yes or a no? Shall I add it?
missed-offer-2 = Say yes to add it to your basket, or no to leave it. Which is it?
missed-offer-3 = I still need a yes or a no, or say find and then another product.
missed-choose-1 = Sorry, which one? Say the first, the second or the third.
missed-choose-2 = You can say the second one, more, or find something else. Which one?
missed-choose-3 = Still no luck. Say repeat to hear them again, or find and then another product.
missed-clear-1 = Sorry, was that a yes or a no? Shall I empty your basket?
missed-clear-2 = Say yes to empty your basket, or no to keep it. Which is it?
missed-clear-3 = I still need a yes or a no. Your basket is as it was.
missed-how-many-1 = Sorry, how many?
missed-how-many-2 = Say a number, such as two. How many would you like?
missed-how-many-3 = I still need a number, or say cancel.

## When something fails

busy = Two things came at once.
try-again = Could you say that again?
storage-failed = Sorry, something on our side is not working. Nothing was ordered.
storage-failed-after-order = Sorry, I couldn't finish. Please don't order again; ask where is my order in a minute.
catalogue-missing = The shop has no products yet. Nothing was ordered. Please come back later.

## Cards

card-products = What I found
card-cart = Your basket
card-cart-total = Goods: { $total }
card-quote = Order at { $seller }
card-receipt = Receipt from { $seller }
card-order = Order { $order }
card-delivery = Delivery: { $delivery }
card-tax = Tax: { $tax }
card-total = Total: { $total }
card-address = Deliver to: { $address }
card-pair = Link this device
card-reminders = Reminders
card-pair-code = Pairing code: { $letters }. It is good for { $minutes } minutes.

## Suggestions, as they may be tapped

suggest-find = find oat milk
suggest-help = help
suggest-yes = yes
suggest-no = no
suggest-first = the first one
suggest-more = more
suggest-about = tell me about it
suggest-cart = what's in my basket
suggest-clear = empty my basket
suggest-check-out = check out
suggest-repeat = repeat
suggest-stop = stop

## How the language is heard: word=meaning, an underscore for a space; a number without a meaning says nothing

heard-digits = zero=0 oh=0 o=0 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9
heard-numbers = zero=0 a=1 an=1 one=1 two=2 three=3 four=4 five=5 six=6 seven=7 eight=8 nine=9 ten=10 eleven=11
    twelve=12 dozen=x12 thirteen=13 fourteen=14 fifteen=15 sixteen=16 seventeen=17 eighteen=18 nineteen=19 twenty=20
    thirty=30 forty=40 fifty=50 sixty=60 seventy=70 eighty=80 ninety=90 hundred=x100 thousand=x1000 couple=x2 and= of= pounds=
    pound= quid=
heard-money = pound= pounds= quid= penny= pence= p= euro= euros= cent= cents= dollar= dollars=
heard-ordinals = all=0 first=1 second=2 third=3 fourth=4 fifth=5 last=-1 1st=1 2nd=2 3rd=3 4th=4 5th=5
heard-pronouns = one= ones= them= these= those=
heard-descriptions = bigger=big biggest=big larger=big largest=big big=big large=big smaller=small smallest=small
    small=small little=small cheaper=cheap cheapest=cheap cheap=cheap less_expensive=cheap expensive=dear dear=dear dearer=dear
    more_expensive=dear pricier=dear dearest=dear priciest=dear best=best best_rated=best top_rated=best highest_rated=best
    better=best better_rated=best higher_rated=best better_reviewed=best
heard-sizes = oz=28350mg/ul ounce=28350mg/ul ounces=28350mg/ul lb=453592mg lbs=453592mg pound=453592mg pounds=453592mg
    g=1000mg gram=1000mg grams=1000mg kg=1000000mg kilo=1000000mg kilos=1000000mg ml=1000ul cl=10000ul l=1000000ul
    litre=1000000ul litres=1000000ul liter=1000000ul liters=1000000ul gallon=4546000ul gallons=4546000ul pint=568000ul
    pints=568000ul pt=568000ul half=x1/2 quarter=x1/4 dozen=x12 double=x2
    count=# ct=# pc=# pcs=# piece=# pieces=# unit=# units=# pack=#+ packs=#+ pk=#+ multipack=#+ multipacks=#+ bottle=#bottle
    bottles=#bottle can=#can cans=#can tin=#can tins=#can jar=#jar jars=#jar tube=#tube tubes=#tube roll=#roll rolls=#roll
    bar=#bar bars=#bar stick=#stick sticks=#stick slice=#slice slices=#slice loaf=#loaf loaves=#loaf bunch=#bunch
    bunches=#bunch head=#head heads=#head stem=#stem stems=#stem pair=#pair pairs=#pair tablet=#tablet tablets=#tablet
    jug=#jug jugs=#jug pouch=#pouch pouches=#pouch packet=#+packet packets=#+packet package=#+package packages=#+package
    carton=#+carton cartons=#+carton case=#+case cases=#+case box=#+box boxes=#+box bag=#+bag bags=#+bag tub=#+tub
    tubs=#+tub bucket=#+bucket buckets=#+bucket container=#+container containers=#+container tray=#+tray trays=#+tray
    order=# orders=#
heard-endings = s= ss=ss us=us is=is ies=y ie=y oes=o oe=o ves=f ve=f fe=f ches=ch shes=sh xes=x sses=ss
heard-heads = -1=
heard-fillers = the= a= an= of= and= my= our= your= that= this= those= these= them= some= any= more= one= ones= it=
    all=all both=all each=all every=all everything=all except=except but=except besides=except excepting=except excluding=except
heard-halves = and_add=:add and_also_add=:add and_then_add=:add then_add=:add and_buy=:add and_get_me=:add and_put_in=:add and_i_want=:add
    and_i_need=:add and_give_me=:add and_remove=:remove and_then_remove=:remove then_remove=:remove and_take_out=:remove and_delete=:remove
heard-joiners = and= plus=
heard-corrections = no_wait= wait_no= i_mean= no_i_mean= i_meant= no_i_meant= sorry_i_mean= make_that= no_make_that= no_make_it=
    scratch_that= or_rather= no_sorry= actually= actually_no= no_no=
heard-each = each= apiece= per_piece= per_item= single=

## How a wish goes on, in words that the search understands: "pizza" and "without mushrooms"

wish-without = { $words } without { $what }
wish-not = { $words } not { $what }
wish-cheapest = the cheapest { $words }

## How money is said: code=word; a currency without a word here is written with its sign, as the language writes it

said-currencies = { "" }
