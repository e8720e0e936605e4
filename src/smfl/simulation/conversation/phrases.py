"""What people say in a simulated interview: questions, and clauses by topic and valence.

``(a|b|c)`` is a choice. Clauses avoid the first person, which the openers of
`smfl.simulation.conversation.words` bring in; questions are neutral and the same for everybody. Lower case without
punctuation, as DAIC-WOZ transcribes.
"""

from __future__ import annotations

QUESTIONS: dict[str, tuple[str, ...]] = {
    "sleep": (
        "how easy is it for you to get a good night's sleep",
        "tell me about your sleep",
        "how have you been sleeping lately",
    ),
    "mood": ("how have you been feeling lately", "how would you describe your mood", "what has your mood been like"),
    "family": ("how close are you to your family", "tell me about your family", "what is your family like"),
    "future": (
        "how do you see the next few years",
        "what are your plans for the future",
        "where do you see yourself in five years",
    ),
    "work": ("what do you do for work", "tell me about your job", "how is work going"),
    "studies": ("what did you study at school", "what was school like for you", "tell me about your studies"),
    "travel": ("do you travel a lot", "tell me about a trip you took", "what do you think of travelling"),
    "hobbies": ("what do you like to do in your spare time", "do you have any hobbies", "what do you do for fun"),
    "city": ("where are you from originally", "what is it like to live there", "tell me about your neighborhood"),
    "food": ("do you like to cook", "what do you like to eat", "what did you have for dinner yesterday"),
    "weather": (
        "what do you think of the weather here",
        "how is the weather where you live",
        "do you like the climate",
    ),
    "friends": ("how did you meet your friends", "tell me about your friends", "what do you do with your friends"),
    "sports": ("do you do any sports", "do you follow any teams", "what do you do to stay fit"),
    "films": ("have you seen any good films", "what do you like to watch", "what was the last film you saw"),
    "pets": ("do you have any pets", "are you more of a cat or a dog person", "tell me about your pet"),
    "weekend": ("what did you do last weekend", "what does a normal weekend look like", "any plans for the weekend"),
}

BACKCHANNELS = ("mhm", "okay", "uh huh", "i see", "right", "yeah")
OPENING, CLOSING = "hi thanks for coming in today are you ready to start", "okay that was my last question thank you"

CLAUSES: dict[str, dict[str, tuple[str, ...]]] = {
    "sleep": {
        "negative": (
            "the (nights|nights at home) are (awful|miserable|terrible) with hardly any sleep",
            "(lying|staying) awake until (three|four|five) in the morning is (exhausting|horrible|awful)",
            "sleep has been (really bad|terrible|a nightmare)",
            "waking up (tired|drained|worn out) is the worst part",
            "there are (bad dreams|nightmares) and then no more sleep",
            "the insomnia is getting worse",
        ),
        "neutral": (
            "it is about (six|seven|eight) hours of sleep a night",
            "bedtime is (around eleven|around midnight|after ten)",
            "the alarm goes off at (six|seven|half past six)",
            "sleep depends on the (work schedule|noise outside|day)",
            "there is a fan on at night to sleep",
        ),
        "positive": (
            "sleep comes (very easily|quickly) and it feels (wonderful|great)",
            "waking up (rested|refreshed|full of energy) is lovely",
            "the nights are (peaceful|calm|really good)",
            "a good night of sleep makes a happy morning",
        ),
    },
    "mood": {
        "negative": (
            "the mood has been (very low|really down|dark|hopeless)",
            "most days feel (empty|sad|pointless|heavy)",
            "everything seems (hard|sad|worthless) and nothing helps",
            "there is a lot of (crying|guilt|worry|sadness)",
            "feeling (lonely|miserable|irritable|worthless) has become normal",
        ),
        "neutral": (
            "the mood is (about average|fairly even|the same as before)",
            "feelings (come and go|change with the day)",
            "some days are busy and some days are slow",
            "the mood is mostly the same in the morning and the evening",
        ),
        "positive": (
            "the mood has been (really good|bright|cheerful)",
            "feeling (happy|hopeful|calm and content) is normal now",
            "there is a lot to be (glad|thankful|excited) about",
            "life feels (good|light|full of joy) at the moment",
        ),
    },
    "family": {
        "negative": (
            "the family (fights|argues) all the time and it (hurts|is exhausting)",
            "there is nobody in the family to (trust|talk to) and that is (lonely|sad)",
            "the divorce was (painful|ugly|awful) for the whole family",
            "(mother|father|the whole family) is always (angry|disappointed|critical)",
            "losing (a parent|a brother|a grandmother) was (terrible|devastating)",
        ),
        "neutral": (
            "the family lives (in texas|up north|two hours away)",
            "there are (two|three|four) brothers and sisters",
            "(mother|father) works in (an office|a school|a hospital)",
            "family visits happen (twice|three times) a year",
        ),
        "positive": (
            "the family is (very close|loving|supportive) and fun",
            "the kids are a (great joy|blessing)",
            "(mother|father|grandmother) is (wonderful|the best|so kind)",
            "family dinners are always (warm|happy|a joy)",
        ),
    },
    "future": {
        "negative": (
            "the future looks (dark|hopeless|bleak|scary)",
            "there is no (hope|point) in making plans",
            "thinking about the next years brings (fear|dread|panic)",
            "nothing good is going to (happen|come) anymore",
            "all the plans have (failed|fallen apart) and it is (sad|frustrating)",
        ),
        "neutral": (
            "the plan is to (move|finish school|change jobs) next year",
            "in five years it will be (much the same|another city)",
            "the next step is (saving some money|a course|a new apartment)",
            "the future depends on (the job|the rent)",
        ),
        "positive": (
            "the future looks (bright|exciting|wonderful)",
            "there are (great|happy|good) plans for the next years",
            "a (dream|wonderful) trip is coming up and it is exciting",
            "things will get even better from here",
        ),
    },
    "work": {
        "negative": (
            "the job is (awful|stressful|miserable)",
            "the boss is (horrible|unfair|cruel)",
            "losing the job was (terrible|humiliating|a disaster)",
            "work is (exhausting|pointless) and badly paid",
        ),
        "neutral": (
            "work is at (a store|an office|a warehouse|a restaurant)",
            "the shift is from (eight|nine) to (four|five)",
            "it is mostly (paperwork|phone calls|deliveries)",
            "there are (ten|twelve|twenty) people on the team",
            "the office is (downtown|near the station|across the bridge)",
        ),
        "positive": (
            "the job is (great|fun|rewarding)",
            "the people at work are (lovely|funny|kind)",
            "the new project at work is (exciting|wonderful)",
            "getting promoted was (fantastic|a happy day)",
        ),
    },
    "studies": {
        "negative": (
            "school was (awful|a nightmare|lonely)",
            "failing the exams was (horrible|shameful|terrible)",
            "the teachers were (cruel|unfair|useless)",
            "dropping out of college was a (painful|bad) mistake",
        ),
        "neutral": (
            "the major was (business|history|biology|computer science)",
            "school was (a small one|two bus rides away)",
            "it took (two|three|four) years to finish college",
            "classes were mostly in the (morning|evening)",
        ),
        "positive": (
            "college was (fantastic|a great time|wonderful)",
            "the teachers were (inspiring|kind|brilliant)",
            "learning (languages|music|science) was a joy",
            "graduation was a (happy|proud|beautiful) day",
        ),
    },
    "travel": {
        "negative": (
            "the last trip was a (disaster|nightmare)",
            "flying is (terrifying|horrible|awful)",
            "travelling alone is (sad|lonely|scary)",
            "getting lost in a strange country was (awful|frightening)",
        ),
        "neutral": (
            "the last trip was to (mexico|canada|new york|chicago)",
            "it is usually one trip (a year|every two years)",
            "the drive takes (four|six|eight) hours",
            "the flight was in (march|august|december)",
        ),
        "positive": (
            "the trip to (italy|japan|hawaii|paris) was (amazing|beautiful|wonderful)",
            "seeing new places is (exciting|a joy|so much fun)",
            "the beaches there were (gorgeous|lovely)",
        ),
    },
    "hobbies": {
        "negative": (
            "none of the hobbies are (fun|enjoyable) anymore which is sad",
            "giving up (music|painting) was (painful|awful)",
            "spare time is (boring|empty|miserable)",
            "everything for fun costs too much and that is (depressing|annoying)",
        ),
        "neutral": (
            "spare time is mostly (reading|gardening|video games|music)",
            "there is a (guitar|piano|sewing machine) at home",
            "the class meets on (tuesdays|thursdays)",
            "the books come from the (library|shop around the corner)",
        ),
        "positive": (
            "(playing guitar|painting|dancing|gardening) is (so much fun|a joy|wonderful)",
            "singing in the choir makes everybody happy",
            "the new hobby is (great|exciting|really relaxing)",
        ),
    },
    "city": {
        "negative": (
            "the neighborhood is (dangerous|ugly|depressing)",
            "the traffic is (terrible|awful|a nightmare)",
            "the rent is so high that it is (scary|hopeless)",
            "living there was (miserable|lonely)",
        ),
        "neutral": (
            "the apartment is on the (second|third|fifth) floor",
            "home is (near the park|by the freeway|south of downtown)",
            "it was a (small town|suburb|big city) in the (east|west|midwest)",
            "the bus stops (in front of|behind) the house",
        ),
        "positive": (
            "the city is (beautiful|exciting|full of life)",
            "the neighbors are (friendly|wonderful|so kind)",
            "living by the (ocean|park|lake) is (lovely|great)",
        ),
    },
    "food": {
        "negative": (
            "cooking is a (pain|horrible chore)",
            "the food tasted (awful|disgusting|terrible)",
            "there is no appetite and eating feels (bad|pointless)",
            "dinner alone is (sad|lonely)",
        ),
        "neutral": (
            "dinner was (rice and beans|pasta|soup|a sandwich)",
            "breakfast is (coffee and toast|cereal|eggs)",
            "the groceries come from the (market|store) on (monday|saturday)",
            "lunch is usually at (noon|one o'clock)",
        ),
        "positive": (
            "the (tacos|noodles|curry) there are (delicious|amazing)",
            "cooking for people is (fun|a joy|wonderful)",
            "homemade (bread|pie|soup) is the best thing ever",
        ),
    },
    "weather": {
        "negative": (
            "the heat is (horrible|unbearable|awful)",
            "the (winters|rainy days) there are (miserable|depressing|gloomy)",
            "the storm last year was (terrible|frightening)",
        ),
        "neutral": (
            "it is (hot|cold|windy) in (july|january|october)",
            "it rains about (twice|four times) a month",
            "the temperature is around (sixty|seventy|eighty) degrees",
            "mornings are foggy and afternoons are clear",
        ),
        "positive": (
            "the sunshine is (wonderful|beautiful|lovely)",
            "spring there is (gorgeous|perfect)",
            "the weather makes everyone (happy|cheerful)",
        ),
    },
    "friends": {
        "negative": (
            "friends just (disappear|stop calling) and it (hurts|is painful)",
            "the old friends were (mean|cruel|fake)",
            "an argument with a friend ended (badly|terribly)",
            "there are no real friends left which is lonely",
        ),
        "neutral": (
            "most of the friends are from (work|school|church)",
            "the group meets on (fridays|sundays)",
            "a friend lives (next door|in the same building)",
            "there are (three|four|five) people in the group",
        ),
        "positive": (
            "the friends are (hilarious|loyal|wonderful)",
            "laughing with friends is (great|the best)",
            "a best friend since school is a (blessing|joy)",
        ),
    },
    "sports": {
        "negative": (
            "the knee injury was (awful|painful) and ended everything",
            "the team is (terrible|hopeless) this year",
            "exercise feels (horrible|exhausting)",
            "losing that game was (miserable|heartbreaking)",
        ),
        "neutral": (
            "it is a walk of (two|three) miles in the morning",
            "the gym is open until (nine|ten)",
            "the game is on (sunday|monday) night",
            "there was some (soccer|tennis|swimming) in high school",
        ),
        "positive": (
            "running feels (fantastic|great|wonderful)",
            "the team won and it was (amazing|thrilling)",
            "(swimming|cycling|yoga) is (so much fun|relaxing and lovely)",
        ),
    },
    "films": {
        "negative": (
            "the last film was (awful|stupid|terrible)",
            "the ending was so (sad|depressing|cruel)",
            "watching the news is (frightening|depressing)",
            "the series got (boring|really bad)",
        ),
        "neutral": (
            "the last film was about (a lawyer|two brothers|the war)",
            "it is mostly (documentaries|series|old films)",
            "the film was (two|three) hours long",
            "there was a show on about (space|cooking|animals)",
        ),
        "positive": (
            "that comedy was (hilarious|brilliant|so funny)",
            "the music in the film was (beautiful|wonderful)",
            "going to the movies is always (fun|a treat)",
        ),
    },
    "pets": {
        "negative": (
            "losing the (dog|cat) was (heartbreaking|terrible|so sad)",
            "the (dog|cat) next door is (awful|scary)",
            "the vet bills were a (nightmare|disaster)",
        ),
        "neutral": (
            "there is a (dog|cat|parrot|goldfish) at home",
            "the dog is (four|six|ten) years old",
            "pets aren't allowed in the building",
            "the cat sleeps (on the sofa|in the kitchen) during the day",
        ),
        "positive": (
            "the (dog|cat|puppy) is (adorable|so funny|a sweetheart)",
            "walking the dog is (fun|lovely|a joy)",
            "a pet brings so much (love|happiness)",
        ),
    },
    "weekend": {
        "negative": (
            "the weekend was (lonely|miserable|awful)",
            "sundays are (depressing|empty|the worst)",
            "the party was (horrible|a disaster)",
            "the whole weekend went wrong and it was (sad|frustrating)",
        ),
        "neutral": (
            "saturday is for (laundry|shopping|cleaning)",
            "last weekend was mostly (errands|housework|television)",
            "on sunday there was a (visit to the store|football game|church service)",
            "it was a (long|short) weekend",
        ),
        "positive": (
            "the (barbecue|concert|picnic) on saturday was (great|so much fun)",
            "sunday at the beach was (lovely|perfect)",
            "the weekend was (wonderful|relaxing|full of laughter)",
        ),
    },
}
