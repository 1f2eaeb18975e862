// The Convolve room's words.
import { defineWords } from "../../shared/words.ts";

/** Keeps a formula from left to right inside a line of Persian. */
const ltr = (text: string): string => `\u2066${text}\u2069`;

export const convolveWords = defineWords({
  en: {
    title: "Convolve",
    lead: "One small sum, moved over a picture. Point at any number: what it is made of, and what is made of it, lights up everywhere.",
    tab: "What to look at",
    tabs: { grid: "Numbers and matrix", picture: "A picture", regions: "Regions" },
    rule: "The rule",
    operation: "Operation",
    operations: { convolution: "Convolution", transposed: "Transposed" },
    kernelSize: "Kernel",
    stride: "Stride",
    dilation: "Dilation",
    padding: "Padding",
    outputPadding: "Output padding",
    mapSize: "Map",
    kernel: "Kernel weights",
    weight: (name: string) => `Weight ${name}`,
    notANumber: "Every weight is a number, up to a million.",
    preset: "Preset",
    ownKernel: "your own",
    presets: {
      identity: "Identity",
      blur: "Blur",
      sharpen: "Sharpen",
      sobelX: "Sobel, left to right",
      sobelY: "Sobel, top to bottom",
      laplace: "Laplace",
      corner: "1 to 9, no symmetry",
    },
    map: "Numbers of the map",
    maps: {
      steps: "An edge",
      plane: "A slope, 10i + j",
      bent: "(i² + j³) mod 7",
      spot: "One lit pixel",
      picture: "The picture",
    },
    view: "What is computed",
    views: {
      forward: "y = A·x",
      gathered: "y = X·w",
      inputGradient: "∂L/∂x = Aᵀ·g",
      weightGradient: "∂L/∂w = Xᵀ·g",
    },
    about: {
      convolution: {
        forward:
          "Each row of $A$ is one place of the window: the weights stand in the columns of the inputs they meet, zeros elsewhere. One weight has one colour, so its diagonals show.",
        gathered:
          "The same products gathered by weight: each row of $X$ is what the window covers at one place (this is im2col, and how libraries compute it).",
        inputGradient:
          "Backwards, $A$ is turned over: each input collects from the outputs that read it, each time with the weight that carried it there. That is a transposed convolution of $g$.",
        weightGradient:
          "A weight is used at every place, so it collects from every output: input times gradient, summed over all places of the window.",
      },
      transposed: {
        forward:
          "Each column of $A$ is one input: its copy of the kernel, laid where it adds to the output. Zeros elsewhere. Where copies overlap, the row has several entries.",
        gathered:
          "The same products gathered by weight: row by row, which inputs a weight brings to an output. Empty places are outputs that a weight does not reach.",
        inputGradient:
          "Backwards, $A$ is turned over: each input reads, through the kernel, the gradients of the outputs that it added to. That is an ordinary convolution of $g$.",
        weightGradient:
          "A weight is used by every input, so it collects from every copy: input times the gradient of the output that it added to.",
      },
    },
    formula: {
      convolution: {
        forward: String.raw`y_{i,j}=\sum_{a,b}w_{a,b}\;x_{si+da-p,\;sj+db-p}`,
        inputGradient: String.raw`\frac{\partial L}{\partial x_{m,n}}=\sum_{\substack{si+da-p=m\\ sj+db-p=n}}w_{a,b}\;g_{i,j}`,
        weightGradient: String.raw`\frac{\partial L}{\partial w_{a,b}}=\sum_{i,j}x_{si+da-p,\;sj+db-p}\;g_{i,j}`,
      },
      transposed: {
        forward: String.raw`y_{m,n}=\sum_{\substack{si+da-p=m\\ sj+db-p=n}}w_{a,b}\;x_{i,j}`,
        inputGradient: String.raw`\frac{\partial L}{\partial x_{i,j}}=\sum_{a,b}w_{a,b}\;g_{si+da-p,\;sj+db-p}`,
        weightGradient: String.raw`\frac{\partial L}{\partial w_{a,b}}=\sum_{i,j}x_{i,j}\;g_{si+da-p,\;sj+db-p}`,
      },
    },
    loss: "The loss, and so g = ∂L/∂y",
    losses: {
      ones: "L = Σ y",
      own: "L = ½ Σ y²",
      noise: "L = Σ g·y, mixed g",
      one: "L = the output pointed at",
    },
    entries: "In the cells",
    entryKinds: { numbers: "Numbers", symbols: "Symbols" },
    play: "Play",
    pause: "Pause",
    step: "Next place",
    place: "Place of the window",
    placeOf: (at: string, count: string) => `${at} of ${count}`,
    windowTitle: "The window",
    matrixTitle: "The matrix",
    grids: { x: "input x", w: "kernel w", y: "output y", g: "gradient g", dx: "∂L/∂x", dw: "∂L/∂w" },
    ringRead: "The dashed frame holds zeros that are read as input: the padding.",
    ringCropped: "The dashed frame holds results that are cut off: the padding of a transposed convolution.",
    pointHint: "Point at a number, tap it, or walk with Tab and the arrow keys; Enter keeps it.",
    keep: "Let go",
    usedBy: (name: string, sums: number, written: string) =>
      sums === 0
        ? `${name} is in no sum: its column of the matrix is empty.`
        : `${name} goes into ${written} ${sums === 1 ? "sum" : "sums"}.`,
    matrixShape: (shape: string, products: string, share: string) =>
      `${shape}, ${products} entries, ${share} of all places; the rest are zeros.`,
    matrixTooLarge: (shape: string) =>
      `This matrix has ${shape} places, more than can be told apart. A smaller map, stride or dilation makes one that can be drawn; all else works on.`,
    misfit: {
      kernelTooLarge: (span: string, padded: string, padding: string) =>
        `The kernel spans ${span} pixels and the padded map has ${padded}: it fits nowhere, so there is no output. Take a smaller kernel or dilation, or a padding of ${padding} or more.`,
      allCropped: (whole: string, padding: string) =>
        `The whole result has ${whole} pixels along an axis, and the padding cuts all of them off. Take a padding of ${padding} or less.`,
    },
    gridLabel: (name: string, shape: string) => `${name}, ${shape}. Arrow keys move, Enter keeps.`,
    pictureTitle: "Over a real picture",
    pictureLead: "The same rule over a picture of shades. Move over either picture; the window follows.",
    dropPicture: "Drop a picture, or choose one",
    dropAgain: (name: string) =>
      `This view was made with “${name}”, which is not in the address. Drop it again, or go on with the Lab’s own picture.`,
    ownPicture: "The Lab’s own picture",
    pictures: { x: "input", y: "output", dx: "∂L/∂x" },
    pictureSize: "Pixels along an edge",
    row: "Window, row",
    column: "Window, column",
    patchTitle: "Under the window",
    patch: {
      x: "the window’s shades",
      w: "kernel w",
      y: "output",
      oneX: "the input’s shade",
      manyY: "what it adds to",
    },
    signed: "Grey is zero, bright is positive, dark is negative.",
    shades: (least: string, most: string) => `${least} to ${most}`,
    pictureAlt: (name: string, height: string, width: string) => `${name}, ${height} by ${width} shades`,
    regionsTitle: "A box over a feature map",
    regionsLead:
      "Drag the box, its corners, or move it with the arrow keys. The dots are the points that are read.",
    reading: "How a bin is read",
    readings: { align: "RoIAlign", nearest: "Nearest cell", pool: "RoIPool" },
    aboutReading: {
      align:
        "Every point is read between four cells (bilinear); a bin is the mean of its points. Nothing is rounded, so the result moves with the box.",
      nearest:
        "Every point reads the one cell it is nearest to. The result stands still and then jumps; only the cells hit get a gradient.",
      pool: "The box is rounded to whole cells, so are its bins, and a bin is its largest cell. One cell a bin gets the gradient.",
    },
    bins: "Bins along an edge",
    samples: "Points along an edge of a bin",
    aligned: "Half-pixel shift (aligned)",
    aboutAligned: {
      yes: "Aligned: a box coordinate is a pixel’s edge, so the points lie inside the box.",
      no: "Not aligned: the points lie half a cell below and to the right of the box that was meant.",
    },
    mapCells: "Cells along an edge",
    boxField: { x1: "Left", y1: "Top", x2: "Right", y2: "Bottom" },
    boxName: "The box. Arrow keys move it by a quarter of a pixel, with Shift by four.",
    cornerName: {
      nw: "Top left corner",
      ne: "Top right corner",
      sw: "Bottom left corner",
      se: "Bottom right corner",
    },
    boxSays: (x1: string, y1: string, x2: string, y2: string) =>
      `from (${x1}, ${y1}) to (${x2}, ${y2}) pixels`,
    pooledTitle: "What comes out",
    pooledLabel: (name: string) => `Bins by ${name}. Arrow keys move, Enter keeps.`,
    gradientTitle: "What goes back to the map",
    gradientLead: (bin: string | undefined) =>
      bin === undefined ? "∂L/∂(map) for L = the sum of all bins" : `∂L/∂(map) for L = bin ${bin}`,
    gradientLabel: "Gradient to the map",
    mapLabel: "Feature map",
    imageStep: (pixels: string) => `One cell is ${pixels} pixels of the image.`,
    boxTooSmall: "The box has no area: its right and bottom edges must lie beyond the left and top ones.",
    uncounted: (count: string) =>
      `${count} points lie more than a cell outside the map: they read 0 and still divide.`,
    allBins: "All bins",
    computing: "Computing",
  },
  fa: {
    title: "کانولوشن",
    lead: "یک جمع کوچک که روی تصویر حرکت می‌کند. به هر عددی اشاره کنید: آنچه از آن ساخته شده و آنچه با آن ساخته می‌شود همه‌جا روشن می‌شود.",
    tab: "چه چیزی را ببینیم",
    tabs: { grid: "عددها و ماتریس", picture: "یک تصویر", regions: "ناحیه‌ها" },
    rule: "قاعده",
    operation: "عمل",
    operations: { convolution: "کانولوشن", transposed: "ترانهاده" },
    kernelSize: "هسته",
    stride: "گام",
    dilation: "اتساع",
    padding: "لایه‌گذاری",
    outputPadding: "لایه‌گذاری خروجی",
    mapSize: "نگاشت",
    kernel: "وزن‌های هسته",
    weight: (name: string) => `وزن ${ltr(name)}`,
    notANumber: "هر وزن یک عدد است، حداکثر یک میلیون.",
    preset: "هستهٔ آماده",
    ownKernel: "هستهٔ خودتان",
    presets: {
      identity: "همانی",
      blur: "محوکننده",
      sharpen: "تیزکننده",
      sobelX: "سوبل، چپ به راست",
      sobelY: "سوبل، بالا به پایین",
      laplace: "لاپلاس",
      corner: "۱ تا ۹، بی‌تقارن",
    },
    map: "عددهای نگاشت",
    maps: {
      steps: "یک لبه",
      plane: `یک شیب، ${ltr("10i + j")}`,
      bent: ltr("(i² + j³) mod 7"),
      spot: "یک پیکسل روشن",
      picture: "تصویر",
    },
    view: "چه چیزی حساب می‌شود",
    views: {
      forward: ltr("y = A·x"),
      gathered: ltr("y = X·w"),
      inputGradient: ltr("∂L/∂x = Aᵀ·g"),
      weightGradient: ltr("∂L/∂w = Xᵀ·g"),
    },
    about: {
      convolution: {
        forward:
          "هر سطر $A$ یک جای پنجره است: وزن‌ها در ستون ورودی‌هایی می‌نشینند که با آن‌ها ضرب می‌شوند و بقیه صفر است. هر وزن یک رنگ دارد، پس قطرهایش دیده می‌شود.",
        gathered:
          "همان حاصل‌ضرب‌ها، گردآوری‌شده بر حسب وزن: هر سطر $X$ آن چیزی است که پنجره در یک جا می‌پوشاند (نام آن im2col است و کتابخانه‌ها همین را حساب می‌کنند).",
        inputGradient:
          "در راه برگشت $A$ ترانهاده می‌شود: هر ورودی از خروجی‌هایی سهم می‌گیرد که آن را خوانده‌اند، هر بار با همان وزنی که آن را به آنجا برده است. این کانولوشن ترانهادهٔ $g$ است.",
        weightGradient:
          "هر وزن در همهٔ جاها به کار می‌رود، پس از همهٔ خروجی‌ها سهم می‌گیرد: ورودی ضرب در گرادیان، جمع‌شده روی همهٔ جاهای پنجره.",
      },
      transposed: {
        forward:
          "هر ستون $A$ یک ورودی است: نسخهٔ آن از هسته، در جایی که به خروجی می‌افزاید؛ بقیه صفر است. هرجا نسخه‌ها روی هم بیفتند آن سطر چند درایه دارد.",
        gathered:
          "همان حاصل‌ضرب‌ها، گردآوری‌شده بر حسب وزن: سطر به سطر، کدام ورودی را کدام وزن به آن خروجی می‌برد. جای خالی یعنی آن وزن به آن خروجی نمی‌رسد.",
        inputGradient:
          "در راه برگشت $A$ ترانهاده می‌شود: هر ورودی گرادیان خروجی‌هایی را که به آن‌ها افزوده از راه هسته می‌خواند. این همان کانولوشن معمولی $g$ است.",
        weightGradient:
          "هر وزن برای همهٔ ورودی‌ها به کار می‌رود، پس از همهٔ نسخه‌ها سهم می‌گیرد: ورودی ضرب در گرادیان خروجی‌ای که به آن افزوده است.",
      },
    },
    formula: {
      convolution: {
        forward: String.raw`y_{i,j}=\sum_{a,b}w_{a,b}\;x_{si+da-p,\;sj+db-p}`,
        inputGradient: String.raw`\frac{\partial L}{\partial x_{m,n}}=\sum_{\substack{si+da-p=m\\ sj+db-p=n}}w_{a,b}\;g_{i,j}`,
        weightGradient: String.raw`\frac{\partial L}{\partial w_{a,b}}=\sum_{i,j}x_{si+da-p,\;sj+db-p}\;g_{i,j}`,
      },
      transposed: {
        forward: String.raw`y_{m,n}=\sum_{\substack{si+da-p=m\\ sj+db-p=n}}w_{a,b}\;x_{i,j}`,
        inputGradient: String.raw`\frac{\partial L}{\partial x_{i,j}}=\sum_{a,b}w_{a,b}\;g_{si+da-p,\;sj+db-p}`,
        weightGradient: String.raw`\frac{\partial L}{\partial w_{a,b}}=\sum_{i,j}x_{i,j}\;g_{si+da-p,\;sj+db-p}`,
      },
    },
    loss: `تابع هزینه، و در نتیجه ${ltr("g = ∂L/∂y")}`,
    losses: {
      ones: ltr("L = Σ y"),
      own: ltr("L = ½ Σ y²"),
      noise: `${ltr("L = Σ g·y")}، با g گوناگون`,
      one: "L = همان خروجی که نشان داده‌اید",
    },
    entries: "در خانه‌ها",
    entryKinds: { numbers: "عدد", symbols: "نماد" },
    play: "پخش",
    pause: "درنگ",
    step: "جای بعدی",
    place: "جای پنجره",
    placeOf: (at: string, count: string) => `${at} از ${count}`,
    windowTitle: "پنجره",
    matrixTitle: "ماتریس",
    grids: {
      x: `ورودی ${ltr("x")}`,
      w: `هسته ${ltr("w")}`,
      y: `خروجی ${ltr("y")}`,
      g: `گرادیان ${ltr("g")}`,
      dx: ltr("∂L/∂x"),
      dw: ltr("∂L/∂w"),
    },
    ringRead: "قاب خط‌چین صفرهایی است که مانند ورودی خوانده می‌شوند: لایه‌گذاری.",
    ringCropped: "قاب خط‌چین نتیجه‌هایی است که بریده می‌شوند: لایه‌گذاریِ کانولوشن ترانهاده.",
    pointHint:
      "به عددی اشاره کنید، آن را لمس کنید، یا با Tab و کلیدهای جهت‌نما راه بروید؛ Enter آن را نگه می‌دارد.",
    keep: "رها کردن",
    usedBy: (name: string, sums: number, written: string) =>
      sums === 0
        ? `${ltr(name)} در هیچ جمعی نیست: ستون آن در ماتریس خالی است.`
        : `${ltr(name)} در ${written} جمع به کار می‌رود.`,
    matrixShape: (shape: string, products: string, share: string) =>
      `${shape}، ${products} درایه، ${share} از همهٔ جاها؛ بقیه صفر است.`,
    matrixTooLarge: (shape: string) =>
      `این ماتریس ${shape} جا دارد، بیش از آن‌که از هم بازشناخته شوند. نگاشت، گام یا اتساع کوچک‌تر ماتریسی می‌سازد که بتوان کشید؛ بقیه کار می‌کند.`,
    misfit: {
      kernelTooLarge: (span: string, padded: string, padding: string) =>
        `هسته ${span} پیکسل را در بر می‌گیرد و نگاشت با لایه‌گذاری ${padded} پیکسل دارد: در هیچ جا نمی‌گنجد، پس خروجی‌ای نیست. هسته یا اتساع را کوچک‌تر کنید، یا لایه‌گذاری را دست‌کم ${padding} بگیرید.`,
      allCropped: (whole: string, padding: string) =>
        `تمام نتیجه در هر راستا ${whole} پیکسل است و لایه‌گذاری همه را می‌برد. لایه‌گذاری را حداکثر ${padding} بگیرید.`,
    },
    gridLabel: (name: string, shape: string) =>
      `${name}، ${shape}. کلیدهای جهت‌نما جابه‌جا می‌کنند، Enter نگه می‌دارد.`,
    pictureTitle: "روی یک تصویر واقعی",
    pictureLead: "همان قاعده روی تصویری از سایه‌ها. روی هر یک از تصویرها حرکت کنید؛ پنجره همراه می‌آید.",
    dropPicture: "تصویری را اینجا رها کنید، یا برگزینید",
    dropAgain: (name: string) =>
      `این نما با «\u2068${name}\u2069» ساخته شده بود که در نشانی نمی‌گنجد. دوباره رهایش کنید، یا با تصویر خود آزمایشگاه ادامه دهید.`,
    ownPicture: "تصویر خود آزمایشگاه",
    pictures: { x: "ورودی", y: "خروجی", dx: ltr("∂L/∂x") },
    pictureSize: "پیکسل در هر لبه",
    row: "سطر پنجره",
    column: "ستون پنجره",
    patchTitle: "زیر پنجره",
    patch: {
      x: "سایه‌های پنجره",
      w: "هسته",
      y: "خروجی",
      oneX: "سایهٔ ورودی",
      manyY: "آنچه به آن افزوده می‌شود",
    },
    signed: "خاکستری صفر است، روشن مثبت و تیره منفی.",
    shades: (least: string, most: string) => `${least} تا ${most}`,
    pictureAlt: (name: string, height: string, width: string) => `${name}، ${height} در ${width} سایه`,
    regionsTitle: "جعبه‌ای روی یک نگاشت ویژگی",
    regionsLead:
      "جعبه یا گوشه‌هایش را بکشید، یا با کلیدهای جهت‌نما جابه‌جا کنید. نقطه‌ها جاهایی هستند که خوانده می‌شوند.",
    reading: "هر بخش چگونه خوانده می‌شود",
    readings: { align: "RoIAlign", nearest: "نزدیک‌ترین خانه", pool: "RoIPool" },
    aboutReading: {
      align:
        "هر نقطه میان چهار خانه خوانده می‌شود (دوخطی) و هر بخش میانگین نقطه‌هایش است. هیچ‌چیز گرد نمی‌شود، پس نتیجه همراه جعبه حرکت می‌کند.",
      nearest:
        "هر نقطه تنها نزدیک‌ترین خانه را می‌خواند. نتیجه می‌ایستد و سپس می‌پرد؛ تنها خانه‌هایی که خوانده شده‌اند گرادیان می‌گیرند.",
      pool: "جعبه به خانه‌های کامل گرد می‌شود، بخش‌هایش هم، و هر بخش بزرگ‌ترین خانه‌اش است. از هر بخش تنها یک خانه گرادیان می‌گیرد.",
    },
    bins: "بخش در هر لبه",
    samples: "نقطه در هر لبهٔ بخش",
    aligned: "جابه‌جایی نیم‌پیکسل (هم‌تراز)",
    aboutAligned: {
      yes: "هم‌تراز: مختصات جعبه لبهٔ پیکسل است، پس نقطه‌ها درون جعبه می‌افتند.",
      no: "ناهم‌تراز: نقطه‌ها نیم خانه پایین‌تر و راست‌تر از جعبه‌ای می‌افتند که منظور بوده است.",
    },
    mapCells: "خانه در هر لبه",
    boxField: { x1: "چپ", y1: "بالا", x2: "راست", y2: "پایین" },
    boxName: "جعبه. کلیدهای جهت‌نما آن را یک‌چهارم پیکسل جابه‌جا می‌کنند، با Shift چهار پیکسل.",
    cornerName: {
      nw: "گوشهٔ بالا و چپ",
      ne: "گوشهٔ بالا و راست",
      sw: "گوشهٔ پایین و چپ",
      se: "گوشهٔ پایین و راست",
    },
    boxSays: (x1: string, y1: string, x2: string, y2: string) => `از (${x1}، ${y1}) تا (${x2}، ${y2}) پیکسل`,
    pooledTitle: "آنچه بیرون می‌آید",
    pooledLabel: (name: string) => `بخش‌ها با ${name}. کلیدهای جهت‌نما جابه‌جا می‌کنند، Enter نگه می‌دارد.`,
    gradientTitle: "آنچه به نگاشت برمی‌گردد",
    gradientLead: (bin: string | undefined) =>
      bin === undefined
        ? "گرادیان نسبت به نگاشت، برای L = جمع همهٔ بخش‌ها"
        : `گرادیان نسبت به نگاشت، برای L = بخش ${bin}`,
    gradientLabel: "گرادیان نسبت به نگاشت",
    mapLabel: "نگاشت ویژگی",
    imageStep: (pixels: string) => `هر خانه ${pixels} پیکسل تصویر است.`,
    boxTooSmall: "جعبه مساحتی ندارد: لبهٔ راست و پایینش باید پس از لبهٔ چپ و بالا باشند.",
    uncounted: (count: string) =>
      `${count} نقطه بیش از یک خانه بیرون نگاشت‌اند: صفر می‌خوانند و در تقسیم می‌مانند.`,
    allBins: "همهٔ بخش‌ها",
    computing: "در حال محاسبه",
  },
});
