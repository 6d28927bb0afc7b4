/** What pdfkit's embedded fonts do and its types leave out. */
interface EmbeddedFont {
  readonly id: string;
  /** thousandths of the font's size */
  readonly ascender: number;
  ref(): PDFKit.PDFKitReference;
  /** hexadecimal glyph numbers; the glyphs are embedded with the document */
  encode(text: string): readonly [glyphs: readonly string[], positions: readonly unknown[]];
}

/**
 * A short text that pages show before it is known: a form XObject (ISO 32000-1, 8.10), which they refer to and which is written last. So a
 * page can leave the document's stream at once and still say how many there are.
 */
export class LateText {
  readonly #document: PDFKit.PDFDocument;
  readonly #name: string;
  readonly #size: number;
  readonly #form: PDFKit.PDFKitReference;

  /** @param size points; the font is the one that the document has now */
  constructor(document: PDFKit.PDFDocument, name: string, size: number) {
    this.#document = document;
    this.#name = name;
    this.#size = size;
    this.#form = document.ref({ Type: 'XObject', Subtype: 'Form', BBox: [0, -size, 100, 2 * size] });
  }

  /** Shows it on the current page, its left upper corner at `x`, `y`. */
  place(x: number, y: number): void {
    const { page } = this.#document;
    page.xobjects[this.#name] = this.#form;
    const baseline = y + (this.#font().ascender / 1000) * this.#size;
    // pdfkit turns a page's y axis downwards; letters want it upwards.
    this.#document.addContent(`q 1 0 0 -1 ${x.toFixed(2)} ${baseline.toFixed(2)} cm /${this.#name} Do Q`);
  }

  /** Says what the text is, once. */
  write(text: string): void {
    const font = this.#font();
    const [glyphs] = font.encode(text);
    Object.assign(this.#form.data, { Resources: { Font: { [font.id]: font.ref() } } });
    this.#form.end(`BT /${font.id} ${this.#size} Tf 0.42 0.45 0.5 rg <${glyphs.join('')}> Tj ET`);
  }

  #font = () => (this.#document as unknown as { readonly _font: EmbeddedFont })._font;
}
