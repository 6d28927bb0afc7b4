import PDFDocument from 'pdfkit';
import { LateText } from './pdf-late-text.ts';

/** What stands at the top of a report: its name, facts about it, and how to check it. */
export interface ReportHead {
  readonly heading: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** sentences below the facts */
  readonly notes: readonly string[];
  readonly columns: readonly { readonly heading: string; readonly width: number }[];
  readonly language: string;
}

/** A line: its cells, and what is printed small below them. */
export interface ReportLine {
  readonly cells: readonly string[];
  readonly below: string;
}

export interface ReportWords {
  /** before the number of pages */
  readonly page: (n: number) => string;
  /** the number of pages, and what stands behind it */
  readonly pages: (total: number) => string;
  readonly end: (lines: number, pages: number) => string;
}

/** A font file with Chinese characters, and which of its faces. */
export interface ReportFont {
  readonly path: string;
  readonly face?: string;
}

const margin = { top: 36, bottom: 44, side: 36 } as const;
const gap = 6;
/** between a line and what is printed small below it */
const aboveBelow = 1.5;
/** room at the right end of the foot for `12345 页` */
const totalWidth = 34;
const size = { heading: 16, fact: 9, cell: 7.5, below: 5.5, foot: 7 } as const;

/**
 * Lays a report out on A4, landscape, page by page: what is full leaves through the document's stream, so that a report of any length needs
 * the memory of a page. The number of pages is not known before the end: every page shows one drawing that is made then (`LateText`).
 */
export class ReportLayout {
  readonly document: PDFKit.PDFDocument;
  readonly #head: ReportHead;
  readonly #words: ReportWords;
  readonly #total: LateText;
  #pages = 0;
  #lines = 0;

  constructor(head: ReportHead, font: ReportFont, words: ReportWords, now: Date) {
    this.#head = head;
    this.#words = words;
    // Without a font of its own the document would begin with Helvetica, which has no Chinese.
    this.document = new PDFDocument({
      size: 'A4',
      layout: 'landscape',
      margins: { top: margin.top, bottom: 0, left: margin.side, right: margin.side },
      autoFirstPage: false,
      font: null as unknown as string,
      lang: head.language,
      info: { Title: head.heading, Producer: 'Fengcun', CreationDate: now },
    });
    if (font.face === undefined) this.document.registerFont('text', font.path);
    else this.document.registerFont('text', font.path, font.face);
    this.document.font('text');
    this.#total = new LateText(this.document, 'Pages', size.foot);
    this.#newPage();
    this.#printHead();
    this.#printHeadings();
  }

  add({ cells, below }: ReportLine): void {
    const { document: doc } = this;
    const { columns } = this.#head;
    const heights = cells.map((cell, n) => this.#heightOf(cell, size.cell, this.#inner(columns[n]?.width ?? 0)));
    const belowHeight = below === '' ? 0 : this.#heightOf(below, size.below, this.#width()) + aboveBelow;
    const height = Math.max(...heights, 0) + belowHeight + gap;
    if (doc.y + height > doc.page.height - margin.bottom) {
      this.#newPage();
      this.#printHeadings();
    }
    const top = doc.y;
    this.#printCells(cells, top, '#1a1a1a');
    if (below !== '') {
      const y = top + Math.max(...heights, 0) + aboveBelow;
      doc
        .fontSize(size.below)
        .fillColor('#6b7280')
        .text(below, margin.side, y, { width: this.#width(), height: belowHeight });
    }
    const bottom = top + height - gap / 2;
    doc
      .moveTo(margin.side, bottom)
      .lineTo(margin.side + this.#width(), bottom)
      .lineWidth(0.3)
      .strokeColor('#d1d5db')
      .stroke();
    doc.x = margin.side;
    doc.y = top + height;
    this.#lines++;
  }

  /** Ends the report with the count of its lines and pages, so that a page taken out is missed. */
  end(notes: readonly string[]): void {
    const { document: doc } = this;
    const sentences = [...notes, this.#words.end(this.#lines, this.#pages)];
    const height = sentences.length * 14 + 10;
    const fits = doc.y + height <= doc.page.height - margin.bottom;
    if (!fits) {
      this.#newPage();
      sentences[sentences.length - 1] = this.#words.end(this.#lines, this.#pages);
    }
    doc.y += 8;
    for (const sentence of sentences) {
      doc.fontSize(size.fact).fillColor('#1a1a1a').text(sentence, margin.side, doc.y, { width: this.#width() });
    }
    this.#total.write(this.#words.pages(this.#pages));
    doc.end();
  }

  #width(): number {
    return this.document.page.width - 2 * margin.side;
  }

  #inner = (width: number) => Math.max(8, width - 4);

  #heightOf(text: string, fontSize: number, width: number): number {
    return this.document.fontSize(fontSize).heightOfString(text === '' ? ' ' : text, { width });
  }

  #newPage(): void {
    const { document: doc } = this;
    doc.addPage();
    this.#pages++;
    const y = doc.page.height - margin.bottom + 16;
    const half = this.#width() / 2;
    doc.font('text').fontSize(size.foot).fillColor('#6b7280');
    doc.text(this.#head.heading, margin.side, y, { width: half, lineBreak: false });
    const width = half - totalWidth;
    doc.text(this.#words.page(this.#pages), margin.side + half, y, { width, align: 'right', lineBreak: false });
    this.#total.place(margin.side + half + width, y);
    doc.x = margin.side;
    doc.y = margin.top;
  }

  #printHead(): void {
    const { document: doc } = this;
    const { heading, facts, notes } = this.#head;
    doc.fontSize(size.heading).fillColor('#111827').text(heading, margin.side, doc.y, { width: this.#width() });
    doc.y += 6;
    for (const [name, value] of facts) {
      const top = doc.y;
      const height = this.#heightOf(value, size.fact, this.#width() - 110);
      doc.fontSize(size.fact).fillColor('#6b7280').text(name, margin.side, top, { width: 105 });
      doc.fillColor('#111827').text(value, margin.side + 110, top, { width: this.#width() - 110 });
      doc.y = top + height + 2;
    }
    doc.y += 4;
    for (const note of notes) {
      doc.fontSize(size.cell).fillColor('#374151').text(note, margin.side, doc.y, { width: this.#width() });
      doc.y += 2;
    }
    doc.y += 6;
  }

  #printHeadings(): void {
    const { document: doc } = this;
    const top = doc.y;
    doc.rect(margin.side, top - 2, this.#width(), 14).fill('#eef1f6');
    this.#printCells(
      this.#head.columns.map(({ heading }) => heading),
      top,
      '#111827',
    );
    doc.x = margin.side;
    doc.y = top + 16;
  }

  #printCells(cells: readonly string[], top: number, color: string): void {
    const { document: doc } = this;
    let x = margin.side + 2;
    for (const [n, { width }] of this.#head.columns.entries()) {
      const text = cells[n] ?? '';
      if (text !== '')
        doc
          .fontSize(size.cell)
          .fillColor(color)
          .text(text, x, top, { width: this.#inner(width) });
      x += width;
    }
    doc.x = margin.side;
    doc.y = top;
  }
}
