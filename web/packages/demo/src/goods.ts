export type LanguageCode = 'en' | 'zh' | 'ar';

export interface Good {
  id: string;
  priceEuros: number;
  millilitres: number;
  centimetres: number;
  name: Record<LanguageCode, string>;
  about: Record<LanguageCode, string>;
}

export const goods: Good[] = [
  {
    id: 'mug',
    priceEuros: 28,
    millilitres: 320,
    centimetres: 9,
    name: { en: 'Harbour mug', zh: '港湾马克杯', ar: 'كوب المرفأ' },
    about: {
      en: 'A broad handle for cold mornings, and a glaze the colour of deep water. Each one is thrown by hand, so no two pour quite alike.',
      zh: '宽大的把手适合寒冷的早晨，釉色如深水。每一只都是手工拉坯，没有两只完全相同。',
      ar: 'مقبض عريض للصباحات الباردة، وطلاء بلون الماء العميق. كل كوب مصنوع يدويًا، فلا يتشابه اثنان.',
    },
  },
  {
    id: 'bowl',
    priceEuros: 34,
    millilitres: 900,
    centimetres: 19,
    name: { en: 'Noodle bowl', zh: '面碗', ar: 'وعاء النودلز' },
    about: {
      en: 'Deep enough for soup, wide enough for salad. The foot keeps the table cool.',
      zh: '盛汤够深，装沙拉够宽。碗足隔热，不烫桌面。',
      ar: 'عميق بما يكفي للحساء وواسع للسلطة. قاعدته تحمي الطاولة من الحرارة.',
    },
  },
  {
    id: 'vase',
    priceEuros: 72,
    millilitres: 1100,
    centimetres: 26,
    name: { en: 'Dusk vase', zh: '暮色花瓶', ar: 'مزهرية الغسق' },
    about: {
      en: 'A narrow neck that holds a single branch upright, dipped once in cobalt.',
      zh: '细颈可让一枝花挺立，只浸一次钴蓝釉。',
      ar: 'عنق ضيق يحمل غصنًا واحدًا، مغموسة مرة واحدة في الكوبالت.',
    },
  },
  {
    id: 'teapot',
    priceEuros: 96,
    millilitres: 750,
    centimetres: 17,
    name: { en: 'Orchard teapot', zh: '果园茶壶', ar: 'إبريق البستان' },
    about: {
      en: 'It pours without a drip; we test each one before it leaves the workshop.',
      zh: '出水利落不滴漏，每一把出坊前都经过试水。',
      ar: 'يصب دون أن تسيل قطرة؛ نختبر كل إبريق قبل أن يغادر الورشة.',
    },
  },
  {
    id: 'plate',
    priceEuros: 31,
    millilitres: 0,
    centimetres: 24,
    name: { en: 'Market plate', zh: '市集餐盘', ar: 'طبق السوق' },
    about: {
      en: 'Honey glaze on stoneware. It takes the oven, the freezer and the dishwasher.',
      zh: '炻器蜜色釉，可进烤箱、冷冻和洗碗机。',
      ar: 'طلاء عسلي على الخزف الحجري، يتحمل الفرن والمجمّد وغسالة الصحون.',
    },
  },
  {
    id: 'pitcher',
    priceEuros: 58,
    millilitres: 1300,
    centimetres: 22,
    name: { en: 'Milk pitcher', zh: '牛奶壶', ar: 'إبريق الحليب' },
    about: {
      en: 'For milk, water or a handful of daisies. White inside and out.',
      zh: '装牛奶、装水，或插一把雏菊。内外皆白。',
      ar: 'للحليب أو الماء أو حفنة من الأقحوان. أبيض من الداخل والخارج.',
    },
  },
  {
    id: 'planter',
    priceEuros: 44,
    millilitres: 2000,
    centimetres: 18,
    name: { en: 'Window planter', zh: '窗台花盆', ar: 'أصيص النافذة' },
    about: {
      en: 'With a saucer and a hole in the right place. The plant is not included, but we can advise.',
      zh: '配托盘，底部留有排水孔。不含植物，但我们可以给您建议。',
      ar: 'مع صحن وفتحة تصريف في مكانها. النبتة غير مشمولة، لكننا ننصحك.',
    },
  },
  {
    id: 'espresso',
    priceEuros: 22,
    millilitres: 90,
    centimetres: 6,
    name: { en: 'Espresso cup', zh: '浓缩咖啡杯', ar: 'فنجان إسبريسو' },
    about: {
      en: 'Thick walls, so that the second sip is as warm as the first. With its saucer.',
      zh: '杯壁厚实，第二口和第一口一样热。附杯碟。',
      ar: 'جدران سميكة تجعل الرشفة الثانية دافئة كالأولى. مع صحنه.',
    },
  },
];
