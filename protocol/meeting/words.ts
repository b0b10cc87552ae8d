/**
 * The words of codes and verification strings: part of the BIP39 English list (see NOTICE), pairwise at least two typing mistakes apart.
 * Made by tools/make-words.ts. Its order is part of the protocol: a change of this list is a new protocol version.
 */
export const words: readonly string[] = `
abandon ability able about above absent absorb abstract absurd access accident account achieve acid
acoustic acquire across act action actor actress actual adapt add address adjust admit adult advance
advice aerobic affair afford afraid again age agent agree ahead aim airport aisle alarm album alert alien
all alley allow almost alone alpha already also alter always amateur amazing among amount amused analyst
anchor ancient anger angle angry animal announce annual another answer antenna antique anxiety any apart
apology appear apple approve april arch arctic area argue armed armor around arrange arrive arrow
artefact artist artwork ask aspect asset assist assume asthma athlete atom attend attitude attract audit
august aunt author auto autumn average avocado avoid awake away awesome awful awkward axis baby bachelor
bacon badge bag balance balcony bamboo banana banner barely bargain barrel base basic basket battle beach
bean beauty because become beef before begin behave behind believe below belt benefit betray better
between beyond bicycle bid bike biology birth black blade blanket blast bleak bless blossom blouse blue
blush board boat body boil bone bonus book boost border boring borrow boss bottom bounce box bracket
brain brand brass brave bread breeze brick bridge brief bright broccoli broken bronze broom brother brown
bubble buddy budget buffalo build bulb bundle bunker burger bus business buyer buzz cabbage cabin cactus
cake calm camera camp can canal cancel candy canoe canvas canyon capable capital captain carbon card
cargo carpet carry cash castle casual catalog catch category caught cause caution ceiling celery cement
census century cereal certain chair chalk champion change chaos chapter chase chat cheap check cheese
chef cherry chest chicken child chimney choice choose chronic chuckle chunk churn cigar cinnamon circle
citizen city civil claim clap clarify clean clerk clever click client cliff climb clinic clog close cloth
cloud clown club clump cluster clutch coach coast coconut code coffee coin collect color column combine
comfort comic common company concert conduct confirm congress connect consider control convince cool
copper copy coral correct cotton country couple course cousin cover coyote cradle craft cram crane crater
crawl credit creek crew cricket crisp critic crop crouch crowd crucial cruise crumble crunch crush
crystal cube culture cup cupboard curious current curve cushion custom cycle dance daring daughter dawn
day deal debate debris decade december decorate decrease deer defense define defy degree delay deliver
demand demise denial dentist depart depend deposit depth deputy derive describe desert design desk detail
detect develop device devote diagram diamond diary dice diesel diet differ digital dignity dilemma dinner
dinosaur direct disagree discover dish dismiss disorder display distance divert divide dizzy doctor
document dog doll dolphin domain donate donkey donor dose double dragon drama drastic draw dream dress
drift drill drink drip drum duck dune dust dutch duty dwarf dynamic eager eagle early earn earth easily
east echo ecology economy edge edit educate effort egg eight either elbow elder electric elegant element
elephant elevator elite else embark embody embrace emerge emotion employ empower empty enable enact end
endless endorse energy enforce engage engine enhance enjoy enlist enough enrich enroll ensure enter
entire entry envelope episode equal equip era erase erode erosion erupt escape essay essence estate
eternal ethics evidence evoke evolve example excess exchange excite exclude excuse exercise exhaust
exhibit exile exist exotic expand expect explain expose express extend extra eye eyebrow fabric face
faculty faint faith false family famous fancy fantasy farm fashion father fatigue favorite feature
february federal fee female fence festival fetch fiber fiction field figure file filter final find finger
finish first fiscal fit fitness flag flame flash flavor flight flip float flock floor flower fluid fly
foam focus fold follow foot force forest forget fork fortune forum forward fossil foster found fragile
frequent fresh friend fringe frog front frozen fruit fuel fun funny furnace future gadget galaxy gallery
game gap garage garden garlic garment gauge general genius genre gentle genuine gesture giant gift giggle
giraffe girl give glad glance glare glass glide glimpse globe gloom glory glow goddess good goose gorilla
gospel gossip govern gown grab grace gravity great green grid grocery group grunt guard guess guitar gym
habit half hammer hamster hand happy harbor harsh harvest have hawk health heart heavy hedgehog hello
helmet help hen hero hidden high hill hint hip hire history hobby hockey hole holiday honey horn horse
hospital host hotel hour hub huge human humble humor hundred hungry hurdle hurry husband hybrid icon idea
identify idle ignore illegal image imitate immense immune impact impose improve impulse inch include
income increase index indicate indoor industry infant inflict inform inhale inherit initial inject inmate
innocent input inquiry inside inspire install intact interest into invest invite involve island isolate
issue item ivory jacket jaguar jar jazz jeans jelly jewel job joke journey judge juice jump jungle junior
junk kangaroo keen ketchup key kick kidney kingdom kitchen kite kitten kiwi knee knock know lab label
labor ladder lady language laptop large latin laugh laundry lava layer leader leaf leave lecture left leg
legal legend leisure lemon length lens leopard lesson level liar liberty library license life limit link
lion liquid list little lizard load lobster local logic lonely long loop lottery lounge love lucky
luggage lumber lunar lunch luxury lyrics machine magic magnet mail major mammal manage mandate mango
mansion manual maple marble margin marine market marriage mass master material math matrix maximum maze
meadow measure meat mechanic medal media melody member memory mention menu mercy merit mesh message
method middle midnight milk million mimic minimum minor minute miracle mirror misery mistake mix mixed
mixture mobile model modify mom moment monitor monster month moon more morning mosquito mother motor
mountain mouse movie much muffin mule multiply muscle museum mushroom music mutual myself mystery napkin
nation nature near neck need negative neglect nephew nerve nest network neutral never news noble noise
nominee noodle normal north notable note nothing notice novel nurse nut oak obey object oblige observe
obtain obvious occur ocean october off offer office often okay olive olympic omit once onion online only
open opera opinion oppose option orange orbit orchard ordinary organ orient original ostrich outdoor
outer output outside oval owner oxygen oyster ozone paddle pair palace panda panel panther paper parade
parent park parrot party patient patrol pattern payment peace peanut peasant pelican penalty pencil
people pepper perfect permit person pet phone photo phrase physical piano picnic picture piece pigeon
pilot pioneer pipe pitch pizza planet plastic plate play please pledge pluck plug plunge poem point polar
police pond popular portion position possible potato powder practice praise predict prefer prepare
present pretty price primary priority private problem process produce profit program project promote
proof property prosper proud provide public pudding pull pulse pumpkin pupil puppy purchase purity
purpose push puzzle pyramid quality quantum quarter question quick quit quote rabbit raccoon rack radar
radio rally ranch random rapid rare raven razor ready reason rebuild recall receive recipe record recycle
reduce reflect reform refuse region regret regular relax release relief rely remain remember remind
remove render renew rent reopen repair repeat replace report require rescue resemble resist resource
response result retire retreat return reunion reveal review reward rhythm rib ribbon rich ride rigid ring
ripple risk ritual rival river robot robust rocket romance rookie rotate rough route royal rubber rug
runway rural sadness safe salad salmon salt salute sample satisfy satoshi sauce sausage scale scatter
scene scheme school science scissors scout scrap screen script scrub sea search second secret section
security seek segment select sell seminar senior sense sentence series service session settle setup seven
shadow shaft shallow share shed sheriff shield shine shiver shock shoe short shoulder shrimp shrug
shuffle shy sibling siege sign silent silly silver similar since siren sister situate size skate sketch
ski skill skirt slam sleep slice slogan small smart smile smooth snack snake snap sniff soccer social
soda soft soldier solid solution solve someone sorry soul source south space spatial spawn speak special
speed sphere spider spike spin spirit split sponsor spoon spot spray spread spring square squeeze
squirrel stable stadium staff stage stairs stamp stand stay steel step stereo stick stomach stone stool
story strategy street strong struggle student stumble style subject submit subway success sudden sugar
suggest summer sunset super supply supreme sure surface surprise surround survey suspect sustain swarm
sweet swift swim swing switch sword symbol symptom syrup system tackle talent talk tape taste tattoo taxi
team tenant tennis text thank theme theory they thing this thought three thrive throw thumb thunder
ticket tiger tilt timber time tiny tired title today toddler toe together token tomato tomorrow tongue
tonight tooth topic topple torch tornado tortoise total tourist toward tower trade traffic transfer
travel tray trend trial tribe trim trophy trouble truck true truly trumpet trust truth tuition tuna
tunnel turkey turn turtle twelve twenty twice twin twist two typical umbrella unaware uncle uncover under
undo unfair unfold unhappy uniform unique unit universe unknown unlock until unusual unveil update
upgrade uphold upon upper urban usage use useful usual utility vacant vacuum vague valid valve vanish
vapor various vault vehicle velvet vendor venture venue verb verify version vessel veteran viable vibrant
victory video view village vintage violin virtual visa visit visual vital vivid voice volcano volume
voyage wagon wait walnut warrior wasp water weasel weather web wedding weekend weird welcome whale wheat
wheel where whisper width wild window winter wisdom wise wolf woman wonder world wrap write wrong yellow
you young zebra zoo
`
  .trim()
  .split(/\s+/)
