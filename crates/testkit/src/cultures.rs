//! Small tables of names that are common where they are common. Nobody is meant:
//! given names and surnames are joined by chance.
//!
//! Words are divided by blanks; `_` stands for a blank within a name, and what follows
//! `=` is the name in its own script.

/// How people are named somewhere.
#[derive(Debug)]
pub struct Culture {
    /// What it is called here.
    pub name: &'static str,
    /// Nationalities, ICAO codes.
    pub countries: &'static [&'static str],
    /// Given names of men.
    pub male: &'static str,
    /// Given names of women.
    pub female: &'static str,
    /// Surnames.
    pub surnames: &'static str,
}

impl Culture {
    /// Endings that make more surnames of those in the table, so that the few names
    /// of a table do not make everybody a namesake of somebody listed.
    pub fn endings(&self) -> &'static str {
        match self.name {
            "Turkish" => {
                "OGLU=oğlu ER=er SOY=soy TAS=taş KAN=kan EL=el MEN=men ALP=alp LI=lı CI=cı BAS=baş DAG=dağ"
            }
            "British" | "American" => "SON LEY TON FORD WELL WOOD MAN BY WORTH FIELD HAM STEAD",
            "Russian" => "SKY=ский IN=ин ENKO=енко YUK=юк",
            "Kazakh and Uzbek" => "BEKOV=беков KHANOV=ханов ULY=улы",
            "German" => "MANN ER HAUS BACH",
            "Polish" => "SKI CZYK EK",
            "French" => "IER EAU OT",
            _ => "",
        }
    }
}

macro_rules! cultures {
    ($($name:literal $countries:expr, $male:literal, $female:literal, $surnames:literal;)*) => {
        /// All of them.
        pub const CULTURES: &[Culture] = &[$(Culture {
            name: $name, countries: &$countries, male: $male, female: $female, surnames: $surnames,
        }),*];
    };
}

cultures! {
    "Turkish" ["TUR", "AZE", "TKM"],
    "AHMET MEHMET MUSTAFA ALI HUSEYIN=Hüseyin HASAN IBRAHIM=İbrahim ISMAIL=İsmail OSMAN MURAT OMER=Ömer YUSUF EMRE BURAK KEREM CAN=Can SERKAN HAKAN",
    "FATMA AYSE=Ayşe EMINE HATICE ZEYNEP ELIF MERYEM SULTAN MERVE BUSRA=Büşra ESRA OZLEM=Özlem DERYA GUL=Gül SELIN=Selin EBRU TUGBA=Tuğba CEREN",
    "YILMAZ=Yılmaz KAYA DEMIR SAHIN=Şahin CELIK=Çelik YILDIZ=Yıldız YILDIRIM=Yıldırım OZTURK=Öztürk AYDIN=Aydın OZDEMIR=Özdemir ARSLAN DOGAN=Doğan KILIC=Kılıç ASLAN CETIN=Çetin KARA KOC=Koç KURT OZKAN=Özkan SIMSEK=Şimşek POLAT KORKMAZ ERDOGDU=Erdoğdu TEKIN AKSOY";
    "British" ["GBR", "AUS", "NZL"],
    "OLIVER GEORGE HARRY JACK JAMES THOMAS WILLIAM DANIEL SAMUEL JOSEPH EDWARD PETER SIMON GARETH NEIL GRAHAM STUART ALAN",
    "OLIVIA EMILY SOPHIE GRACE ALICE CHARLOTTE HANNAH LUCY REBECCA CLAIRE FIONA HELEN MARGARET RUTH JANE HEATHER GILLIAN MOIRA",
    "SMITH JONES TAYLOR BROWN WILLIAMS WILSON JOHNSON DAVIES ROBINSON WRIGHT THOMPSON EVANS WALKER WHITE ROBERTS GREEN HALL WOOD HARRIS CLARKE LEWIS TURNER HILL COOPER BAKER";
    "American" ["USA", "CAN"],
    "MICHAEL CHRISTOPHER MATTHEW JOSHUA DAVID ANDREW RYAN BRANDON JASON TYLER KEVIN BRIAN ERIC SCOTT",
    "JENNIFER AMANDA JESSICA ASHLEY SARAH STEPHANIE NICOLE MEGAN LAUREN KAYLA AMBER HEIDI TIFFANY CRYSTAL",
    "MILLER ANDERSON JACKSON MARTIN MOORE PARKER COLLINS MORRIS REED BAILEY HOWARD WARD PETERSON GRAY WATSON BROOKS SANDERS PRICE BENNETT ROSS";
    "Irish" ["IRL"],
    "PATRICK SEAN=Seán CONOR LIAM BRENDAN DECLAN EOIN CIARAN DERMOT FERGUS AIDAN NIALL",
    "AOIFE CIARA NIAMH SINEAD=Sinéad ORLA MAEVE ROISIN=Róisín SIOBHAN=Siobhán GRAINNE BRIDGET DEIRDRE NUALA",
    "MURPHY KELLY O'SULLIVAN WALSH O'BRIEN BYRNE RYAN O'CONNOR O'NEILL O'REILLY DOYLE MCCARTHY GALLAGHER DOHERTY KENNEDY LYNCH";
    "Egyptian and Levantine" ["EGY", "SYR", "LBN", "JOR", "PSE"],
    "AHMED=أحمد MOHAMED=محمد MAHMOUD=محمود KHALED=خالد OMAR=عمر YOUSSEF=يوسف KARIM=كريم TAREK=طارق HASSAN=حسن SAMIR=سمير WALID=وليد FADI=فادي ZIAD=زياد RAMI=رامي",
    "FATIMA=فاطمة MARIAM=مريم NOUR=نور LAYLA=ليلى SALMA=سلمى HUDA=هدى RANIA=رانيا DINA=دينا AMAL=أمل SAMAR=سمر NADIA=نادية HANAN=حنان",
    "EL_MASRY=المصري HADDAD=حداد KHOURY=خوري NASSER=ناصر SALEH=صالح MANSOUR=منصور EL_SAYED=السيد IBRAHIM=إبراهيم SHAHEEN=شاهين DARWISH=درويش HAMDAN=حمدان AL_KHATIB=الخطيب ABDELRAHMAN=عبدالرحمن NAJJAR=نجار AWAD=عوض QASIM=قاسم FARES=فارس SABBAGH=صباغ";
    "Gulf Arabic" ["SAU", "ARE", "QAT", "KWT", "BHR", "OMN", "YEM"],
    "ABDULLAH=عبدالله FAISAL=فيصل SULTAN=سلطان SAUD=سعود MAJID=ماجد NAIF=نايف RASHID=راشد HAMAD=حمد JASSIM=جاسم KHALIFA=خليفة BADR=بدر TURKI=تركي",
    "NOURA=نورة MOZA=موزة SHEIKHA=شيخة LATIFA=لطيفة MUNIRA=منيرة HESSA=حصة REEM=ريم SARA=سارة AISHA=عائشة MAHA=مها",
    "AL_OTAIBI=العتيبي AL_GHAMDI=الغامدي AL_QAHTANI=القحطاني AL_HARBI=الحربي AL_SHAMMARI=الشمري AL_MUTAIRI=المطيري AL_DOSARI=الدوسري AL_ZAHRANI=الزهراني AL_ANSARI=الأنصاري AL_MANSOORI=المنصوري AL_BALUSHI=البلوشي AL_HARTHY=الحارثي AL_SABRI=الصبري AL_HAMMADI=الحمادي";
    "Iraqi" ["IRQ"],
    "ALI=علي HUSSEIN=حسين ABBAS=عباس JAAFAR=جعفر HAIDER=حيدر KADHIM=كاظم MUSTAFA=مصطفى SALAM=سلام RAAD=رعد LAITH=ليث",
    "ZAINAB=زينب RUQAYA=رقية SHAHAD=شهد RAND=رند SUHA=سهى INTISAR=انتصار KAWTHAR=كوثر NADA=ندى",
    "AL_BAGHDADI=البغدادي AL_TIKRITI=التكريتي AL_JUBOURI=الجبوري AL_DULAIMI=الدليمي AL_OBEIDI=العبيدي AL_SAADI=الساعدي AL_RUBAIE=الربيعي AL_MALIKI=المالكي AL_TAMIMI=التميمي AL_BASRI=البصري";
    "Maghrebi" ["MAR", "DZA", "TUN", "LBY"],
    "RACHID=رشيد HICHAM=هشام MOURAD=مراد SOFIANE=سفيان NABIL=نبيل AYOUB=أيوب BILAL=بلال ANIS=أنيس SLIMANE=سليمان MEHDI=مهدي ZAKARIA=زكريا",
    "KHADIJA=خديجة NAIMA=نعيمة SAMIRA=سميرة IMANE=إيمان SOUAD=سعاد LAMIA=لمياء HAJAR=هاجر WAFA=وفاء",
    "BENALI=بن_علي BENSAID=بن_سعيد EL_IDRISSI=الإدريسي BOUZID=بوزيد TRABELSI=طرابلسي HAMDI=حمدي ALAOUI=علوي BELKACEM=بلقاسم CHERIF=شريف MEZIANE=مزيان BOUAZZA=بوعزة GHARBI=غربي SLIMANI=سليماني ZEROUAL=زروال";
    "Persian" ["IRN", "AFG", "TJK"],
    "REZA=رضا MEHDI=مهدی AMIR=امیر HOSSEIN=حسین BEHROUZ=بهروز DARIUSH=داریوش FARHAD=فرهاد KAMRAN=کامران NADER=نادر SAEED=سعید SIAVASH=سیاوش ARASH=آرش",
    "MARYAM=مریم ZAHRA=زهرا SHIRIN=شیرین NASRIN=نسرین PARISA=پریسا LEILA=لیلا AZADEH=آزاده MAHSA=مهسا NILOUFAR=نیلوفر SIMA=سیما",
    "HOSSEINI=حسینی AHMADI=احمدی MOHAMMADI=محمدی KARIMI=کریمی RAHIMI=رحیمی JAFARI=جعفری MORADI=مرادی EBRAHIMI=ابراهیمی SADEGHI=صادقی RAHMANI=رحمانی NOORZAI=نورزی TEHRANI=تهرانی SHIRAZI=شیرازی ESFAHANI=اصفهانی GHORBANI=قربانی";
    "Pakistani" ["PAK"],
    "MUHAMMAD=محمد IMRAN=عمران ASIF=آصف BILAL=بلال FAROOQ=فاروق NAVEED=نوید SHAHID=شاہد TARIQ=طارق USMAN=عثمان ZAFAR=ظفر KASHIF=کاشف",
    "AMINA=آمنہ BUSHRA=بشریٰ FARZANA=فرزانہ NADIA=نادیہ RUKHSANA=رخسانہ SAIMA=صائمہ SHAZIA=شازیہ UZMA=عظمیٰ",
    "KHAN=خان MALIK=ملک QURESHI=قریشی BUTT=بٹ CHAUDHRY=چودھری SHEIKH=شیخ MIRZA=مرزا SIDDIQUI=صدیقی BHATTI=بھٹی JAVED=جاوید ANSARI=انصاری RAJPUT=راجپوت GILLANI=گیلانی AWAN=اعوان";
    "Indian" ["IND", "NPL", "LKA"],
    "RAJESH=राजेश SURESH=सुरेश AMIT=अमित VIJAY=विजय ANIL=अनिल SANJAY=संजय RAVI=रवि ARJUN=अर्जुन DEEPAK=दीपक MANOJ=मनोज PRAKASH=प्रकाश ROHIT=रोहित",
    "PRIYA=प्रिया ANITA=अनीता SUNITA=सुनीता KAVITA=कविता POOJA=पूजा NEHA=नेहा LAKSHMI=लक्ष्मी MEENA=मीना REKHA=रेखा ANJALI=अंजलि",
    "SHARMA=शर्मा VERMA=वर्मा GUPTA=गुप्ता SINGH=सिंह PATEL=पटेल KUMAR=कुमार REDDY=रेड्डी NAIR=नायर IYER=अय्यर MEHTA=मेहता JOSHI=जोशी DESAI=देसाई CHOPRA=चोपड़ा PERERA THAPA=थापा BHATT=भट्ट";
    "Bengali" ["BGD"],
    "ABDUL=আব্দুল RAHIM=রহিম KAMAL=কামাল JAMAL=জামাল FARUK=ফারুক SHAKIL=শাকিল TANVIR=তানভীর MASUD=মাসুদ",
    "NASIMA=নাসিমা RUPA=রূপা SHIRIN=শিরিন TASLIMA=তাসলিমা FARHANA=ফারহানা SULTANA=সুলতানা JESMIN=জেসমিন",
    "HOSSAIN=হোসেন RAHMAN=রহমান ISLAM=ইসলাম UDDIN=উদ্দিন MIAH=মিয়া CHOWDHURY=চৌধুরী SARKAR=সরকার BISWAS=বিশ্বাস AKTER=আক্তার TALUKDER=তালুকদার";
    "Russian" ["RUS", "BLR", "KGZ"],
    "ALEXANDER=Александр SERGEI=Сергей DMITRI=Дмитрий ANDREI=Андрей MIKHAIL=Михаил ALEXEI=Алексей NIKOLAI=Николай IGOR=Игорь VLADIMIR=Владимир YURI=Юрий PAVEL=Павел OLEG=Олег",
    "ELENA=Елена OLGA=Ольга NATALIA=Наталья IRINA=Ирина TATIANA=Татьяна SVETLANA=Светлана ANNA=Анна EKATERINA=Екатерина LUDMILA=Людмила MARINA=Марина",
    "IVANENKOV=Иваненков SMIRNYKH=Смирных KUZNETSOV=Кузнецов POPOV=Попов SOKOLOV=Соколов LEBEDEV=Лебедев KOZLOV=Козлов NOVIKOV=Новиков MOROZOV=Морозов VOLKOV=Волков SOLOVYOV=Соловьёв VASILYEV=Васильев ZAITSEV=Зайцев PAVLOV=Павлов GOLUBEV=Голубев BOGDANOV=Богданов";
    "Ukrainian" ["UKR", "MDA"],
    "OLEKSANDR=Олександр ANDRIY=Андрій VOLODYMYR=Володимир MYKOLA=Микола BOHDAN=Богдан TARAS=Тарас VASYL=Василь ROMAN=Роман PETRO=Петро",
    "OKSANA=Оксана HANNA=Ганна IRYNA=Ірина LESIA=Леся KATERYNA=Катерина SOFIIA=Софія YULIIA=Юлія MARTA=Марта",
    "SHEVCHUK=Шевчук KOVALENKO=Коваленко BONDARENKO=Бондаренко TKACHENKO=Ткаченко KRAVCHENKO=Кравченко OLIYNYK=Олійник LYSENKO=Лисенко SAVCHENKO=Савченко RUDENKO=Руденко MOROZ=Мороз HAVRYLIUK=Гаврилюк";
    "Kazakh and Uzbek" ["KAZ", "UZB", "MNG"],
    "NURLAN=Нурлан ERLAN=Ерлан TIMUR=Тимур RUSTAM=Рустам BAKYT=Бакыт DAULET=Даулет ASKAR=Аскар SHERZOD=Шерзод",
    "AIGUL=Айгуль SAULE=Сауле DINARA=Динара GULNARA=Гульнара MADINA=Мадина NODIRA=Нодира ZARINA=Зарина",
    "NAZAROV=Назаров AKHMETOV=Ахметов IBRAGIMOV=Ибрагимов KARIMBAYEV=Каримбаев SULEIMENOV=Сулейменов OSPANOV=Оспанов YUSUPOV=Юсупов RAKHIMOV=Рахимов TOKAEVICH=Токаевич SADYKOV=Садыков";
    "Greek" ["GRC", "CYP"],
    "GEORGIOS=Γεώργιος DIMITRIOS=Δημήτριος IOANNIS=Ιωάννης KONSTANTINOS=Κωνσταντίνος NIKOLAOS=Νικόλαος PANAGIOTIS=Παναγιώτης VASILEIOS=Βασίλειος CHRISTOS=Χρήστος SPYRIDON=Σπυρίδων",
    "MARIA=Μαρία ELENI=Ελένη AIKATERINI=Αικατερίνη VASILIKI=Βασιλική SOFIA=Σοφία ANGELIKI=Αγγελική DESPOINA=Δέσποινα KALLIOPI=Καλλιόπη",
    "PAPADOPOULOS=Παπαδόπουλος VLACHOS=Βλάχος ANGELOPOULOS=Αγγελόπουλος NIKOLAIDIS=Νικολαΐδης GEORGIOU=Γεωργίου KARAGIANNIS=Καραγιάννης OIKONOMOU=Οικονόμου MAKRIS=Μακρής DIMOPOULOS=Δημόπουλος SAMARAS=Σαμαράς KYRIAKOU=Κυριάκου";
    "Georgian" ["GEO"],
    "GIORGI=გიორგი DAVIT=დავით LEVAN=ლევან ZURAB=ზურაბ IRAKLI=ირაკლი NIKA=ნიკა TORNIKE=თორნიკე",
    "NINO=ნინო MARIAM=მარიამ TAMAR=თამარ KETEVAN=ქეთევან EKA=ეკა NATIA=ნათია LALI=ლალი",
    "BERIDZE=ბერიძე KAPANADZE=კაპანაძე GELASHVILI=გელაშვილი MAISURADZE=მაისურაძე LOMIDZE=ლომიძე KVARATSKHELIA=კვარაცხელია TSIKLAURI=წიკლაური MCHEDLISHVILI=მჭედლიშვილი";
    "Armenian" ["ARM"],
    "ARMEN=Արմեն TIGRAN=Տիգրան HAYK=Հայկ GEVORG=Գևորգ ARAM=Արամ VAHE=Վահե NAREK=Նարեկ",
    "ANAHIT=Անահիտ LUSINE=Լուսինե ANI=Անի NARINE=Նարինե GAYANE=Գայանե SONA=Սոնա",
    "GRIGORYAN=Գրիգորյան HARUTYUNYAN=Հարությունյան SARGSYAN=Սարգսյան HAKOBYAN=Հակոբյան PETROSYAN=Պետրոսյան VARDANYAN=Վարդանյան GEVORGYAN=Գևորգյան MKRTCHYAN=Մկրտչյան";
    "Balkan" ["SRB", "BIH", "HRV", "MKD", "MNE", "SVN"],
    "MARKO NIKOLA MILAN DRAGAN ZORAN GORAN IVAN LUKA DEJAN SLOBODAN NENAD EMIR",
    "JELENA MILICA ANA DRAGANA IVANA SNEZANA=Snežana AMRA LEJLA MIRJANA VESNA",
    "JOVANOVIC=Jovanović PETROVIC=Petrović NIKOLIC=Nikolić MARKOVIC=Marković HORVAT KOVACEVIC=Kovačević HADZIC=Hadžić BABIC=Babić ILIC=Ilić STOJANOVSKI NOVAK POPOVIC=Popović TOMIC=Tomić BEGIC=Begić";
    "Albanian" ["ALB"],
    "ARBEN AGIM BESNIK DRITAN ILIR GENTI FATOS KUJTIM",
    "DRITA ELIRA MIMOZA TEUTA VALBONA ARDITA LULJETA",
    "HOXHA SHEHU KRASNIQI GASHI BERISHAJ LEKA PRIFTI DERVISHI RAMADANI MUCA";
    "Bulgarian and Romanian" ["BGR", "ROU"],
    "GEORGI IVAYLO STOYAN PLAMEN VASIL IONUT MIHAI ANDREI BOGDAN RAZVAN CRISTIAN",
    "MARIYA DESISLAVA IVELINA RALITSA ELENA IOANA MIHAELA RALUCA CORINA SIMONA",
    "DIMITROV GEORGIEV STOYANOV TODOROV PETKOV POPESCU IONESCU DUMITRU STAN GHEORGHE MARIN ILIEV ANGELOV CONSTANTINESCU";
    "German" ["DEU", "AUT", "CHE"],
    "LUKAS FELIX JONAS STEFAN ANDREAS MATTHIAS JURGEN=Jürgen KLAUS UWE WOLFGANG FLORIAN TOBIAS",
    "ANNA LENA KATHARINA SABINE PETRA MONIKA URSULA JULIA HEIKE BIRGIT FRANZISKA",
    "MUELLER=Müller SCHMIDT SCHNEIDER FISCHER WEBER MEYER WAGNER BECKER SCHULZ HOFFMANN SCHAEFER=Schäfer KOCH BAUER RICHTER KLEIN WOLF SCHROEDER=Schröder NEUMANN";
    "French" ["FRA", "BEL", "LUX", "HTI"],
    "PIERRE JEAN LUC MICHEL PHILIPPE NICOLAS JULIEN ANTOINE GUILLAUME ETIENNE=Étienne THIERRY OLIVIER",
    "MARIE CAMILLE SYLVIE ISABELLE CHLOE=Chloé AMELIE=Amélie CELINE=Céline NATHALIE MANON BRIGITTE",
    "BERNARD DUBOIS THOMAS ROBERT PETIT DURAND LEROY MOREAU SIMON LAURENT LEFEVRE=Lefèvre MICHEL FOURNIER GIRARD BONNET MERCIER";
    "Iberian and Latin American" ["ESP", "MEX", "COL", "ARG", "PER", "CHL", "VEN", "ECU", "CUB"],
    "JOSE=José JUAN CARLOS LUIS MIGUEL JAVIER ANTONIO FRANCISCO RAUL=Raúl SERGIO HECTOR=Héctor ALBERTO",
    "MARIA CARMEN ANA LUCIA=Lucía ELENA ROSA TERESA PILAR GABRIELA VALENTINA",
    "GARCIA=García MARTINEZ=Martínez LOPEZ=López SANCHEZ=Sánchez PEREZ=Pérez GOMEZ=Gómez FERNANDEZ=Fernández DIAZ=Díaz MORENO ALVAREZ=Álvarez ROMERO NAVARRO TORRES DOMINGUEZ=Domínguez VAZQUEZ=Vázquez RAMOS GIL CASTRO";
    "Portuguese and Brazilian" ["PRT", "BRA", "AGO", "MOZ"],
    "JOAO=João PEDRO RUI TIAGO NUNO PAULO GUSTAVO RICARDO THIAGO RODRIGO",
    "BEATRIZ INES=Inês MARIANA CATARINA JOANA FERNANDA LARISSA RENATA",
    "SILVA SANTOS FERREIRA PEREIRA OLIVEIRA COSTA RODRIGUES ALMEIDA CARVALHO SOUSA RIBEIRO BARBOSA NASCIMENTO MONTEIRO";
    "Italian" ["ITA", "MLT"],
    "MARCO GIUSEPPE GIOVANNI FRANCESCO LUCA MATTEO ALESSANDRO STEFANO DAVIDE PAOLO",
    "GIULIA CHIARA FRANCESCA ELISA PAOLA SILVIA LAURA MARTINA ROSSELLA",
    "ROSSI RUSSO FERRARI ESPOSITO BIANCHI ROMANO COLOMBO RICCI MARINO GRECO BRUNO GALLO CONTI DE_LUCA";
    "Polish" ["POL", "CZE", "SVK"],
    "PIOTR KRZYSZTOF TOMASZ PAWEL=Paweł JAKUB MARCIN MAREK JAN GRZEGORZ PETR",
    "AGNIESZKA MALGORZATA=Małgorzata KATARZYNA EWA BARBARA MAGDALENA JOANNA ZUZANA JANA",
    "NOWAK KOWALSKI WISNIEWSKI=Wiśniewski WOJCIK=Wójcik KAMINSKI=Kamiński LEWANDOWSKI ZIELINSKI=Zieliński SZYMANSKI=Szymański WOZNIAK=Woźniak NOVOTNY=Novotný SVOBODA DVORAK=Dvořák KRAL=Král";
    "Dutch and Nordic" ["NLD", "SWE", "NOR", "DNK"],
    "JEROEN PIETER BAS ERIK LARS ANDERS MAGNUS BJORN=Björn HENRIK WILLEM",
    "SANNE ANOUK INGRID ASTRID KARIN LINNEA=Linnéa SIGRID MARIEKE ANNELIES",
    "DE_JONG JANSEN VAN_DIJK BAKKER VISSER VAN_DEN_BERG JOHANSSON ANDERSSON LINDQVIST HANSEN OLSEN NIELSEN MOLLER=Møller BERGSTROM=Bergström";
    "Chinese" ["CHN", "SGP"],
    "WEI=伟 JUN=军 MING=明 JIANGUO=建国 ZHIQIANG=志强 HAO=浩 LEI=磊 YONG=勇 GANG=刚 XIAOMING=晓明",
    "FANG=芳 MIN=敏 JING=静 LI=丽 XIULAN=秀兰 YAN=燕 JUAN=娟 HONGMEI=红梅 XUE=雪",
    "WANG=王 ZHANG=张 LIU=刘 CHEN=陈 YANG=杨 HUANG=黄 ZHAO=赵 ZHOU=周 XU=徐 SUN=孙 ZHU=朱 GUO=郭 LIN=林 HE=何";
    "Korean" ["KOR", "PRK"],
    "MINJUN=민준 JIHOON=지훈 SUNGHO=성호 DONGHYUN=동현 YOUNGSOO=영수 JAEWON=재원 KWANGSU=광수",
    "SEOYEON=서연 JIWON=지원 MINJI=민지 EUNJI=은지 YOUNGHEE=영희 HYEJIN=혜진",
    "KIM=김 LEE=이 PARK=박 CHOI=최 JUNG=정 KANG=강 YOON=윤 JANG=장 LIM=임 HAN=한";
    "West African" ["NGA", "GHA", "SEN", "MLI"],
    "CHINEDU EMEKA OLUWASEUN TUNDE KWAME KOFI MAMADOU IBRAHIMA OUSMANE MOUSSA SULE",
    "NGOZI CHIOMA FUNMILAYO AMA AKOSUA FATOU AWA AMINATA HALIMA",
    "OKAFOR ADEYEMI OKONKWO BALOGUN MENSAH OWUSU BOATENG DIALLO TRAORE=Traoré NDIAYE DIOP KEITA=Keïta COULIBALY ABUBAKAR";
    "East African" ["SOM", "ETH", "KEN", "SDN", "ERI"],
    "ABDI MOHAMUD HASSAN FARAH DAWIT YONAS TESFAYE KIPROTICH OTIENO OSMAN",
    "HODAN FARTUN SAHRA TIGIST MERON WANJIKU ACHIENG HALIMO",
    "WARSAME JAMA ABDULLAHI GULED TEKLE BEKELE HAILE MWANGI ODHIAMBO KIPCHOGE-RUTO ELTAYEB IDRIS";
    "South-East Asian" ["IDN", "MYS", "PHL", "VNM", "THA"],
    "BUDI AGUS RIZAL AZLAN JOSELITO RAMON VAN_MINH DUC_ANH SOMCHAI NATTAPONG",
    "SITI DEWI NURUL ROSALINDA MARITES THI_LAN THI_HOA SIRIPORN",
    "SANTOSO WIJAYA HIDAYAT BIN_ISMAIL REYES BAUTISTA NGUYEN=Nguyễn TRAN=Trần PHAM=Phạm CHAROENSUK SAETANG RAHARJO";
}
